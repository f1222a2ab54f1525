//! VPCs, subnets, gateways and route tables of the fake.

use super::{OWNER, World, found, refused, tag_values};
use crate::api::*;

impl World {
    pub fn create_vpc(&mut self, r: &CreateVpc) -> ApiResult<Vpc> {
        let id = self.new_id("vpc");
        let vpc = Vpc {
            vpc_id: id.clone(),
            owner_id: OWNER.into(),
            state: "available".into(),
            cidr_block: r.cidr_block.clone().unwrap_or_else(|| "10.99.0.0/16".into()),
            ipv6_associations: if r.amazon_provided_ipv6_cidr_block {
                vec![self.ipv6("Amazon")]
            } else {
                vec![]
            },
            dhcp_options_id: "dopt-1".into(),
            instance_tenancy: r.instance_tenancy.clone().unwrap_or_else(|| "default".into()),
            tags: r.tags.clone(),
            ..Vpc::default()
        };
        let attributes = [(VpcAttribute::EnableDnsSupport, true)].into();
        self.vpcs.insert(id.clone(), (vpc.clone(), attributes));
        let main = self.new_table(&id, Tags::new());
        let association = RouteTableAssociation {
            association_id: self.new_id("rtbassoc"),
            route_table_id: main.clone(),
            main: true,
            ..RouteTableAssociation::default()
        };
        if let Some(table) = self.tables.get_mut(&main) {
            table.associations.push(association);
        }
        self.new_group(&id, "default", "default VPC security group", Tags::new());
        Ok(vpc)
    }

    fn ipv6(&mut self, pool: &str) -> Ipv6Association {
        Ipv6Association {
            association_id: self.new_id("vpc-cidr-assoc"),
            ipv6_cidr_block: "2600:1f00:1::/56".into(),
            state: "associated".into(),
            network_border_group: "us-east-1".into(),
            ipv6_pool: pool.into(),
        }
    }

    pub fn associate_vpc_ipv6(&mut self, r: &AssociateVpcIpv6) -> ApiResult<Ipv6Association> {
        let association = self.ipv6("Amazon");
        let (vpc, _) = found(self.vpcs.get_mut(&r.vpc_id), "InvalidVpcID.NotFound")?;
        vpc.ipv6_associations.push(association.clone());
        Ok(association)
    }

    pub fn disassociate_vpc(&mut self, id: &str) -> ApiResult<()> {
        for (vpc, _) in self.vpcs.values_mut() {
            vpc.ipv6_associations.retain(|a| a.association_id != id);
        }
        Ok(())
    }

    pub fn delete_vpc(&mut self, id: &str) -> ApiResult<()> {
        if self.subnets.values().any(|s| s.vpc_id == id)
            || self.gateways.values().any(|g| g.attachments.iter().any(|(vpc, _)| vpc == id))
            || self.groups.values().any(|g| g.vpc_id == id && g.group_name != "default")
        {
            return Err(refused("DependencyViolation"));
        }
        found(self.vpcs.remove(id), "InvalidVpcID.NotFound")?;
        self.tables.retain(|_, t| t.vpc_id != id);
        self.groups.retain(|_, g| g.vpc_id != id);
        Ok(())
    }

    pub fn vpcs(&mut self, filters: &[Filter]) -> Vec<Vpc> {
        let all = self.vpcs.iter().map(|(id, (vpc, _))| (id.clone(), vpc.clone())).collect();
        self.described(all, filters, |vpc, name| match name {
            "vpc-id" => vec![vpc.vpc_id.clone()],
            "cidr-block" => vec![vpc.cidr_block.clone()],
            "is-default" => vec![vpc.is_default.to_string()],
            "state" => vec![vpc.state.clone()],
            name => tag_values(&vpc.tags, name).unwrap_or_default(),
        })
    }

    pub fn create_subnet(&mut self, r: &CreateSubnet) -> ApiResult<Subnet> {
        found(self.vpcs.get(&r.vpc_id), "InvalidVpcID.NotFound")?;
        let cidr = r.cidr_block.clone().unwrap_or_default();
        if self.subnets.values().any(|s| s.vpc_id == r.vpc_id && s.cidr_block == cidr) {
            return Err(refused("InvalidSubnet.Conflict"));
        }
        let id = self.new_id("subnet");
        let subnet = Subnet {
            subnet_id: id.clone(),
            subnet_arn: format!("arn:aws:ec2:us-east-1:{OWNER}:subnet/{id}"),
            vpc_id: r.vpc_id.clone(),
            owner_id: OWNER.into(),
            state: "available".into(),
            cidr_block: cidr,
            availability_zone: r.availability_zone.clone().unwrap_or_else(|| "us-east-1a".into()),
            availability_zone_id: "use1-az1".into(),
            hostname_type: "ip-name".into(),
            tags: r.tags.clone(),
            ..Subnet::default()
        };
        self.subnets.insert(id, subnet.clone());
        Ok(subnet)
    }

    pub fn modify_subnet(&mut self, id: &str, change: &SubnetChange) -> ApiResult<()> {
        let subnet = found(self.subnets.get_mut(id), "InvalidSubnetID.NotFound")?;
        match change {
            SubnetChange::AssignIpv6AddressOnCreation(on) => subnet.assign_ipv6_address_on_creation = *on,
            SubnetChange::MapPublicIpOnLaunch(on) => subnet.map_public_ip_on_launch = *on,
            SubnetChange::EnableDns64(on) => subnet.enable_dns64 = *on,
            SubnetChange::EnableResourceNameDnsARecordOnLaunch(on) => subnet.resource_name_dns_a_record = *on,
            SubnetChange::EnableResourceNameDnsAaaaRecordOnLaunch(on) => {
                subnet.resource_name_dns_aaaa_record = *on;
            }
            SubnetChange::PrivateDnsHostnameTypeOnLaunch(kind) => subnet.hostname_type.clone_from(kind),
            SubnetChange::EnableLniAtDeviceIndex(index) => subnet.enable_lni_at_device_index = *index,
            SubnetChange::DisableLniAtDeviceIndex => subnet.enable_lni_at_device_index = 0,
            SubnetChange::CustomerOwnedIp { map_on_launch, pool } => {
                subnet.map_customer_owned_ip_on_launch = *map_on_launch;
                subnet.customer_owned_ipv4_pool = pool.clone().unwrap_or_default();
            }
        }
        Ok(())
    }

    pub fn delete_subnet(&mut self, id: &str) -> ApiResult<()> {
        if self.instances.values().any(|i| i.subnet_id == id && i.state != "terminated") {
            return Err(refused("DependencyViolation"));
        }
        found(self.subnets.remove(id), "InvalidSubnetID.NotFound").map(|_| ())
    }

    pub fn subnets(&mut self, filters: &[Filter]) -> Vec<Subnet> {
        let all = self.subnets.clone().into_iter().collect();
        self.described(all, filters, |subnet, name| match name {
            "subnet-id" => vec![subnet.subnet_id.clone()],
            "vpc-id" => vec![subnet.vpc_id.clone()],
            "cidr-block" => vec![subnet.cidr_block.clone()],
            name => tag_values(&subnet.tags, name).unwrap_or_default(),
        })
    }

    pub fn create_gateway(&mut self, tags: &Tags) -> InternetGateway {
        let id = self.new_id("igw");
        let gateway = InternetGateway {
            internet_gateway_id: id.clone(),
            owner_id: OWNER.into(),
            tags: tags.clone(),
            ..InternetGateway::default()
        };
        self.gateways.insert(id, gateway.clone());
        gateway
    }

    pub fn attach(&mut self, id: &str, vpc: &str) -> ApiResult<()> {
        let gateway = found(self.gateways.get_mut(id), "InvalidInternetGatewayID.NotFound")?;
        if !gateway.attachments.is_empty() {
            return Err(refused("Resource.AlreadyAssociated"));
        }
        gateway.attachments.push((vpc.to_owned(), "available".into()));
        Ok(())
    }

    pub fn detach(&mut self, id: &str, vpc: &str) -> ApiResult<()> {
        let gateway = found(self.gateways.get_mut(id), "InvalidInternetGatewayID.NotFound")?;
        if gateway.attachments.is_empty() {
            return Err(refused("Gateway.NotAttached"));
        }
        gateway.attachments.retain(|(attached, _)| attached != vpc);
        Ok(())
    }

    pub fn delete_gateway(&mut self, id: &str) -> ApiResult<()> {
        if self.gateways.get(id).is_some_and(|g| !g.attachments.is_empty()) {
            return Err(refused("DependencyViolation"));
        }
        found(self.gateways.remove(id), "InvalidInternetGatewayID.NotFound").map(|_| ())
    }

    pub fn gateways(&mut self, filters: &[Filter]) -> Vec<InternetGateway> {
        let all = self.gateways.clone().into_iter().collect();
        self.described(all, filters, |gateway, name| match name {
            "internet-gateway-id" => vec![gateway.internet_gateway_id.clone()],
            name => tag_values(&gateway.tags, name).unwrap_or_default(),
        })
    }

    pub fn new_table(&mut self, vpc: &str, tags: Tags) -> String {
        let id = self.new_id("rtb");
        let local = Route {
            destination_cidr_block: "10.0.0.0/16".into(),
            gateway_id: "local".into(),
            origin: "CreateRouteTable".into(),
            state: "active".into(),
            ..Route::default()
        };
        let table = RouteTable {
            route_table_id: id.clone(),
            vpc_id: vpc.to_owned(),
            owner_id: OWNER.into(),
            routes: vec![local],
            tags,
            ..RouteTable::default()
        };
        self.tables.insert(id.clone(), table);
        id
    }

    pub fn delete_table(&mut self, id: &str) -> ApiResult<()> {
        if self.tables.get(id).is_some_and(|t| !t.associations.is_empty()) {
            return Err(refused("DependencyViolation"));
        }
        found(self.tables.remove(id), "InvalidRouteTableID.NotFound").map(|_| ())
    }

    pub fn tables(&mut self, filters: &[Filter]) -> Vec<RouteTable> {
        let all = self.tables.clone().into_iter().collect();
        self.described(all, filters, |table, name| {
            let of = |property: fn(&RouteTableAssociation) -> Option<String>| {
                table.associations.iter().filter_map(property).collect()
            };
            match name {
                "route-table-id" => vec![table.route_table_id.clone()],
                "vpc-id" => vec![table.vpc_id.clone()],
                "association.route-table-association-id" => of(|a| Some(a.association_id.clone())),
                "association.subnet-id" => of(|a| a.subnet_id.clone()),
                "association.gateway-id" => of(|a| a.gateway_id.clone()),
                "association.main" => of(|a| Some(a.main.to_string())),
                name => tag_values(&table.tags, name).unwrap_or_default(),
            }
        })
    }

    pub fn put_route(&mut self, id: &str, request: &RouteRequest, replacing: bool) -> ApiResult<()> {
        let table = found(self.tables.get_mut(id), "InvalidRouteTableID.NotFound")?;
        let mut route = Route { origin: "CreateRoute".into(), state: "active".into(), ..Route::default() };
        match request.destination.clone() {
            RouteDestination::Ipv4(cidr) => route.destination_cidr_block = cidr,
            RouteDestination::Ipv6(cidr) => route.destination_ipv6_cidr_block = cidr,
            RouteDestination::PrefixList(list) => route.destination_prefix_list_id = list,
        }
        match request.target.clone() {
            RouteTarget::NatGateway(id) => route.nat_gateway_id = id,
            RouteTarget::TransitGateway(id) => route.transit_gateway_id = id,
            RouteTarget::VpcPeering(id) => route.vpc_peering_connection_id = id,
            RouteTarget::Gateway(id) | RouteTarget::VpcEndpoint(id) => route.gateway_id = id,
            RouteTarget::NetworkInterface(id) => {
                route.network_interface_id = id;
                route.instance_id = "i-behind".into();
                route.instance_owner_id = OWNER.into();
            }
            other => return Err(refused(&format!("Unsupported.{other:?}"))),
        }
        let same = |r: &Route| {
            r.destination_cidr_block == route.destination_cidr_block
                && r.destination_ipv6_cidr_block == route.destination_ipv6_cidr_block
                && r.destination_prefix_list_id == route.destination_prefix_list_id
        };
        match (table.routes.iter().position(same), replacing) {
            (Some(at), true) => table.routes[at] = route,
            (None, false) => table.routes.push(route),
            (Some(_), false) => return Err(refused("RouteAlreadyExists")),
            (None, true) => return Err(refused("InvalidParameterValue")),
        }
        Ok(())
    }

    pub fn delete_route(&mut self, id: &str, destination: &RouteDestination) -> ApiResult<()> {
        let table = found(self.tables.get_mut(id), "InvalidRouteTableID.NotFound")?;
        let count = table.routes.len();
        table.routes.retain(|r| match destination {
            RouteDestination::Ipv4(cidr) => r.destination_cidr_block != *cidr,
            RouteDestination::Ipv6(cidr) => r.destination_ipv6_cidr_block != *cidr,
            RouteDestination::PrefixList(list) => r.destination_prefix_list_id != *list,
        });
        if table.routes.len() == count { Err(refused("InvalidRoute.NotFound")) } else { Ok(()) }
    }

    pub fn associate_table(&mut self, id: &str, target: &AssociationTarget) -> ApiResult<String> {
        let (subnet_id, gateway_id) = match target.clone() {
            AssociationTarget::Subnet(id) => (Some(id), None),
            AssociationTarget::Gateway(id) => (None, Some(id)),
        };
        let taken =
            |a: &RouteTableAssociation| a.subnet_id == subnet_id && a.gateway_id == gateway_id && !a.main;
        if self.tables.values().flat_map(|t| &t.associations).any(taken) {
            return Err(refused("Resource.AlreadyAssociated"));
        }
        let association_id = self.new_id("rtbassoc");
        let table = found(self.tables.get_mut(id), "InvalidRouteTableID.NotFound")?;
        table.associations.push(RouteTableAssociation {
            association_id: association_id.clone(),
            route_table_id: id.to_owned(),
            subnet_id,
            gateway_id,
            main: false,
            state: "associated".into(),
        });
        Ok(association_id)
    }

    pub fn disassociate_table(&mut self, id: &str) -> ApiResult<RouteTableAssociation> {
        for table in self.tables.values_mut() {
            if let Some(at) = table.associations.iter().position(|a| a.association_id == id) {
                return Ok(table.associations.remove(at));
            }
        }
        Err(refused("InvalidAssociationID.NotFound"))
    }

    pub fn vpc_attribute(&mut self, vpc_id: &str, attribute: VpcAttribute) -> ApiResult<bool> {
        let (_, attributes) = found(self.vpcs.get(vpc_id), "InvalidVpcID.NotFound")?;
        Ok(attributes.get(&attribute).copied().unwrap_or(false))
    }

    pub fn modify_vpc(&mut self, vpc_id: &str, attribute: VpcAttribute, value: bool) -> ApiResult<()> {
        let (_, attributes) = found(self.vpcs.get_mut(vpc_id), "InvalidVpcID.NotFound")?;
        attributes.insert(attribute, value);
        Ok(())
    }
}
