output "ca_certificates" {
  description = "PEM certificates of the authorities: kubernetes, etcd, front-proxy."
  value       = { for name, cert in tls_self_signed_cert.ca : name => cert.cert_pem }
}

output "certificates" {
  description = "PEM certificate and key of everything that was signed, by name; those of a node as NODE/NAME."
  sensitive   = true
  value = {
    for name, cert in tls_locally_signed_cert.leaf : name => {
      certificate = cert.cert_pem
      key         = tls_private_key.leaf[name].private_key_pem
    }
  }
}

output "service_account" {
  description = "PEM key pair that signs service-account tokens."
  sensitive   = true
  value = {
    key        = tls_private_key.service_account.private_key_pem
    public_key = tls_private_key.service_account.public_key_pem
  }
}

output "expires" {
  description = "When each certificate ends, by name."
  value       = { for name, cert in tls_locally_signed_cert.leaf : name => cert.validity_end_time }
}
