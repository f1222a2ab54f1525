//! Getting in: kinds of keys, agents, certificates, passwords.

use super::server::{Server, output, ssh, sshd_is_here};

#[tokio::test]
async fn a_key_lets_us_in_and_a_command_answers() {
    if !sshd_is_here() {
        return;
    }
    let server = Server::start("");
    let ssh = ssh(&server.target(), server.settings());
    let answer = output(&ssh, "cat; echo err >&2; exit 3", b"hello").await;
    assert_eq!(answer, Ok((Some(3), "hello".into(), "err\n".into())));
}
