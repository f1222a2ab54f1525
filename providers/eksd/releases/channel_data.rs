use async_trait::async_trait;
use diag::Diagnostics;
use provider::simple::{Access, Context, Data, Outcome, with};
use provider::{Attribute, Block, Schema};
use value::{Type, Value};

use super::attributes::{channel_of, validate, with_source};
use super::outputs::text;
use super::site::Site;
use super::version::ReleaseId;

/// `data.eksd_release_channel`: a channel, and its newest release.
pub(super) struct ChannelData;

#[async_trait]
impl Data for ChannelData {
    fn type_name(&self) -> &'static str {
        "eksd_release_channel"
    }

    fn schema(&self) -> Schema {
        let computed = |ty: Type, text: &str| Attribute::computed(ty).described(text);
        let block = Block::default()
            .described("A release channel of EKS-D, as it is now: nothing of it is pinned. For an output or a check that tells when there is something newer.")
            .with("id", computed(Type::String, "The channel."))
            .with("active", computed(Type::Bool, "Whether it still gets releases."))
            .with("latest_number", computed(Type::Number, "The number of its newest release."))
            .with("latest_id", computed(Type::String, "Its newest release: `v1-34-eks-21`."))
            .with("sns_topic_arn", computed(Type::String, "The topic that announces releases."));
        Schema::new(0, with_source(block))
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        validate(config)
    }

    async fn read(&self, context: &Context, config: &Value) -> Outcome {
        let site = Site::of(&context.environment, config)?;
        let channel = site.channel(channel_of(config.text("channel").unwrap_or_default())?).await?;
        let latest = ReleaseId { channel: channel.channel, number: channel.latest };
        Ok(with(
            config,
            [
                ("id", Value::string(channel.channel.to_string())),
                ("active", Value::bool(channel.active)),
                ("latest_number", Value::number(i64::from(channel.latest))),
                ("latest_id", Value::string(latest.to_string())),
                ("sns_topic_arn", text(channel.topic.as_ref())),
            ],
        ))
    }
}
