fn main() {
    let _ = provider_aws_sdk::Client::from_conf;
}
