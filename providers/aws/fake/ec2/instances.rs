//! Instances, from launch to termination.

use async_trait::async_trait;

use crate::api::*;
use crate::fake::Fake;

#[async_trait]
impl InstanceApi for Fake {
    async fn run_instances(&self, request: &RunInstance) -> ApiResult<Instance> {
        self.act("RunInstances", |world| world.run(request))
    }

    async fn terminate_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.act("TerminateInstances", |world| world.terminate(instance_id))
    }

    async fn start_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.change("StartInstances", instance_id, |instance| instance.state = "pending".into())
    }

    async fn stop_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.change("StopInstances", instance_id, |instance| instance.state = "stopping".into())
    }

    async fn describe_instances(&self, filters: &[Filter]) -> ApiResult<Vec<Instance>> {
        self.act("DescribeInstances", |world| Ok(world.instances(filters)))
    }

    async fn describe_instance_attribute(
        &self,
        instance_id: &str,
        attribute: InstanceAttribute,
    ) -> ApiResult<Option<String>> {
        self.act("DescribeInstanceAttribute", |world| {
            world.instance(instance_id)?;
            Ok(world.attributes.get(&(instance_id.to_owned(), attribute)).cloned().filter(|v| !v.is_empty()))
        })
    }

    async fn modify_instance_attribute(&self, instance_id: &str, change: &InstanceChange) -> ApiResult<()> {
        self.act("ModifyInstanceAttribute", |world| world.modify_instance(instance_id, change))
    }

    async fn monitor_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.change("MonitorInstances", instance_id, |instance| instance.monitoring = true)
    }

    async fn unmonitor_instances(&self, instance_id: &str) -> ApiResult<()> {
        self.change("UnmonitorInstances", instance_id, |instance| instance.monitoring = false)
    }

    async fn get_password_data(&self, _instance_id: &str) -> ApiResult<String> {
        self.refuse("GetPasswordData")
    }
}
