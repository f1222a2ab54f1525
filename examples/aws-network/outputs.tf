output "vpc_id" {
  value = aws_vpc.main.id
}

output "hosts" {
  value = {
    for host in aws_instance.control_plane : host.tags["Name"] => host.private_ip
  }
}

output "ssh_private_key" {
  value     = tls_private_key.ssh.private_key_openssh
  sensitive = true
}
