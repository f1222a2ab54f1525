# The machine in EC2, and the little network it needs.

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

resource "aws_vpc" "main" {
  cidr_block = var.cloud.cidr
  tags       = { Name = "hybrid" }
}

resource "aws_subnet" "main" {
  vpc_id     = aws_vpc.main.id
  cidr_block = cidrsubnet(var.cloud.cidr, 8, 0)
  tags       = { Name = "hybrid" }
}

resource "aws_security_group" "node" {
  name        = "hybrid-control-plane"
  description = "A control-plane node of a cluster over two sites"
  vpc_id      = aws_vpc.main.id
}

# From the rack only: what nodes need of each other, and the tunnels that the pods' network goes through.
locals {
  ports = merge(
    { for name, port in { ssh = [22, 22], etcd = [2379, 2380], api = [6443, 6443], kubelet = [10250, 10250] } :
      name => { protocol = "tcp", from = port[0], to = port[1] }
    },
    var.cni_ports,
  )
}

resource "aws_vpc_security_group_ingress_rule" "node" {
  for_each = merge([
    for name, address in var.rack : {
      for port, allowed in local.ports : "${name}/${port}" => merge(allowed, { cidr = "${address}/32" })
    }
  ]...)
  security_group_id = aws_security_group.node.id
  description       = each.key
  ip_protocol       = each.value.protocol
  from_port         = each.value.from
  to_port           = each.value.to
  cidr_ipv4         = each.value.cidr
}

resource "aws_vpc_security_group_egress_rule" "node" {
  security_group_id = aws_security_group.node.id
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_key_pair" "groma" {
  key_name   = "hybrid"
  public_key = var.public_key
}

# The machine gets its host key from here, so that nobody has to trust the first answer.
resource "tls_private_key" "host" {
  algorithm = "ED25519"
}

resource "aws_instance" "cloud" {
  ami           = data.aws_ami.debian.id
  instance_type = var.cloud.instance_type
  subnet_id     = aws_subnet.main.id
  # A machine that takes the place of this one has its address, which certificates and members name.
  private_ip             = cidrhost(aws_subnet.main.cidr_block, 10)
  vpc_security_group_ids = [aws_security_group.node.id]
  key_name               = aws_key_pair.groma.key_name
  user_data = "#cloud-config\n${yamlencode({
    ssh_deletekeys = true
    ssh_keys = {
      ed25519_private = tls_private_key.host.private_key_openssh
      ed25519_public  = trimspace(tls_private_key.host.public_key_openssh)
    }
  })}"
  tags = { Name = var.cloud.name }

  # Debian's images change weekly; a node is replaced when somebody says so.
  lifecycle {
    ignore_changes = [ami]
  }
}

resource "host_machine" "cloud" {
  transport      = var.preview ? "root" : "ssh"
  address        = var.preview ? null : aws_instance.cloud.private_ip
  host_keys      = var.preview ? null : [trimspace(tls_private_key.host.public_key_openssh)]
  root           = var.preview ? "${path.root}/out/${var.cloud.name}" : null
  wait_for_login = "2m"
}
