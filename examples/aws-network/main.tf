# A network over three zones and the hosts of a Kubernetes control plane in it.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
    tls = {
      source = "hashicorp/tls"
    }
  }
}

provider "aws" {
  region = var.region

  # Against an emulator no real credentials are used, and nothing is looked up elsewhere.
  access_key                  = var.emulator == null ? null : "test"
  secret_key                  = var.emulator == null ? null : "test"
  skip_credentials_validation = var.emulator != null
  skip_requesting_account_id  = var.emulator != null
  skip_metadata_api_check     = var.emulator != null

  dynamic "endpoints" {
    for_each = var.emulator == null ? [] : [var.emulator]
    content {
      ec2 = endpoints.value
      sts = endpoints.value
    }
  }

  default_tags {
    tags = {
      Project = var.name
    }
  }
}

data "aws_availability_zones" "available" {
  state = "available"
}

data "aws_ami" "debian" {
  most_recent = true
  # An emulator has images of its own.
  owners = var.emulator == null ? ["136693071363"] : null

  filter {
    name   = "name"
    values = var.emulator == null ? ["debian-12-amd64-*"] : ["*"]
  }

  filter {
    name   = "architecture"
    values = ["x86_64"]
  }
}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, var.zones)
}

resource "aws_vpc" "main" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = {
    Name = var.name
  }
}

resource "aws_internet_gateway" "main" {
  vpc_id = aws_vpc.main.id

  tags = {
    Name = var.name
  }
}

resource "aws_subnet" "public" {
  count                   = var.zones
  vpc_id                  = aws_vpc.main.id
  cidr_block              = cidrsubnet(var.cidr, 4, count.index)
  availability_zone       = local.zones[count.index]
  map_public_ip_on_launch = true

  tags = {
    Name = "${var.name}-public-${local.zones[count.index]}"
  }
}

resource "aws_subnet" "private" {
  count             = var.zones
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(var.cidr, 4, 8 + count.index)
  availability_zone = local.zones[count.index]

  tags = {
    Name = "${var.name}-private-${local.zones[count.index]}"
  }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.main.id

  tags = {
    Name = "${var.name}-public"
  }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main.id
}

resource "aws_route_table_association" "public" {
  count          = var.zones
  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_security_group" "control_plane" {
  name        = "${var.name}-control-plane"
  description = "Kubernetes control plane"
  vpc_id      = aws_vpc.main.id

  tags = {
    Name = "${var.name}-control-plane"
  }
}

locals {
  # What each other's nodes may reach, and what administrators may.
  ingress = {
    api       = { from = 6443, to = 6443, cidr = var.admin_cidr }
    ssh       = { from = 22, to = 22, cidr = var.admin_cidr }
    api-nodes = { from = 6443, to = 6443, cidr = var.cidr }
    etcd      = { from = 2379, to = 2380, cidr = var.cidr }
    kubelet   = { from = 10250, to = 10250, cidr = var.cidr }
    managers  = { from = 10257, to = 10259, cidr = var.cidr }
  }
}

resource "aws_vpc_security_group_ingress_rule" "control_plane" {
  for_each          = local.ingress
  security_group_id = aws_security_group.control_plane.id
  description       = each.key
  ip_protocol       = "tcp"
  from_port         = each.value.from
  to_port           = each.value.to
  cidr_ipv4         = each.value.cidr
}

resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.control_plane.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "tls_private_key" "ssh" {
  algorithm = "ED25519"
}

resource "aws_key_pair" "hosts" {
  key_name   = var.name
  public_key = tls_private_key.ssh.public_key_openssh
}

resource "aws_instance" "control_plane" {
  count                  = var.zones
  ami                    = data.aws_ami.debian.id
  instance_type          = var.instance_type
  subnet_id              = aws_subnet.private[count.index].id
  vpc_security_group_ids = [aws_security_group.control_plane.id]
  key_name               = aws_key_pair.hosts.key_name

  tags = {
    Name = "${var.name}-cp${count.index + 1}"
  }

  lifecycle {
    max_parallel = 1
  }
}
