//! A real kube-apiserver with its etcd on ports of this machine.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use provider::Configured;
use provider::conformance::configured;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, SanType,
};
use tempfile::TempDir;
use value::Value;

use super::{list, now, text};

/// A running server; ends when dropped.
pub(super) struct Server {
    folder: TempDir,
    binaries: Binaries,
    port: u16,
    etcd_port: u16,
    etcd: Child,
    api: Child,
}

/// Kubernetes' own programs.
struct Binaries {
    etcd: PathBuf,
    api_server: PathBuf,
    kubectl: PathBuf,
}

impl Binaries {
    /// Those of the mirror that `cargo xtask mirror` makes, or of the folder that `GROMA_MIRROR` names. Where they are not,
    /// says so, and fails where the mirror was named.
    fn find() -> Option<Self> {
        let named = std::env::var_os("GROMA_MIRROR").map(PathBuf::from);
        let usual = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/groma/mirror"));
        let folder = named.clone().or_else(usual)?;
        let find = |name: &str| newest(&folder, name, 6);
        let on_path =
            || Some(PathBuf::from("kubectl")).filter(|name| Command::new(name).arg("help").output().is_ok());
        match (find("etcd"), find("kube-apiserver"), find("kubectl").or_else(on_path)) {
            (Some(etcd), Some(api_server), Some(kubectl)) => Some(Self { etcd, api_server, kubectl }),
            _ => {
                assert!(
                    named.is_none(),
                    "{} lacks etcd, kube-apiserver or kubectl: cargo xtask mirror",
                    folder.display()
                );
                eprintln!(
                    "there is no kube-apiserver (cargo xtask mirror): the tests against a real one are left out"
                );
                None
            }
        }
    }
}

/// The last of all executable files of a name below a folder, by their paths.
fn newest(folder: &Path, name: &str, depth: u32) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let (path, kind) = (entry.path(), entry.file_type().ok()?);
        if kind.is_dir() && depth > 0 && entry.file_name() != "src" {
            found.extend(newest(&path, name, depth - 1));
        } else if kind.is_file() && entry.file_name() == name {
            let executable = entry.metadata().is_ok_and(|found| found.permissions().mode() & 0o111 != 0);
            found.extend(executable.then_some(path));
        }
    }
    found.sort();
    found.pop()
}

impl Server {
    pub(super) fn start() -> Option<Self> {
        let binaries = Binaries::find()?;
        let folder = tempfile::tempdir().expect("there is room");
        let (etcd, etcd_port) = start_etcd(&binaries, folder.path());
        let port = free_port();
        pki(folder.path(), port);
        let api = start_api(&binaries, folder.path(), port, etcd_port);
        let mut server = Self { folder, binaries, port, etcd_port, etcd, api };
        server.wait();
        Some(server)
    }

    /// The provider with the real time.
    pub(super) async fn configured(&self) -> Arc<dyn Configured> {
        let environment = now(self.folder.path());
        configured(crate::provider().as_ref(), &Value::object_of::<&str>([]), environment)
            .await
            .expect("needs nothing")
    }

    pub(super) fn kubectl_path(&self) -> &Path {
        &self.binaries.kubectl
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    pub(super) fn authority(&self) -> String {
        fs::read_to_string(self.folder.path().join("ca.crt")).expect("is there")
    }

    /// A configuration of something in the cluster: reached through a folder, which does not work, and this machine.
    pub(super) fn object<const N: usize>(&self, attributes: [(&str, Value); N]) -> Value {
        let nowhere = format!("root:{}", self.folder.path().join("nowhere").display());
        let kubeconfig = self.folder.path().join("admin.conf").display().to_string();
        let object =
            Value::object_of([("hosts", list(&[&nowhere, "local:"])), ("kubeconfig", text(kubeconfig))]);
        attributes.into_iter().fold(object, |object, (name, value)| {
            let mut entries = object.entries().expect("is an object").clone();
            entries.insert(name, value);
            Value::object(entries)
        })
    }

    /// What kubectl says, which must do it.
    pub(super) fn kubectl(&self, arguments: &[&str]) -> String {
        self.try_kubectl(arguments).unwrap_or_else(|said| panic!("kubectl {arguments:?}: {said}"))
    }

    pub(super) fn try_kubectl(&self, arguments: &[&str]) -> Result<String, String> {
        let kubeconfig = self.folder.path().join("admin.conf");
        let output = Command::new(&self.binaries.kubectl)
            .arg(format!("--kubeconfig={}", kubeconfig.display()))
            .arg(format!("--cache-dir={}", self.folder.path().join("cache").display()))
            .args(arguments)
            .output()
            .expect("kubectl starts");
        let texts = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        if output.status.success() { Ok(texts[0].clone()) } else { Err(texts.concat()) }
    }

    /// Applies a text with kubectl, by the name of another manager.
    pub(super) fn applied_by(&self, manager: &str, yaml: &str) {
        let file = self.folder.path().join("other.yaml");
        fs::write(&file, yaml).expect("is written");
        let (manager, file) = (format!("--field-manager={manager}"), file.display().to_string());
        self.kubectl(&["apply", "--server-side", "--force-conflicts", &manager, "-f", &file]);
    }

    pub(super) fn stop(&mut self) {
        let _ = self.api.kill();
        let _ = self.api.wait();
    }

    pub(super) fn stop_etcd(&mut self) {
        let _ = self.etcd.kill();
        let _ = self.etcd.wait();
    }

    /// Starts the API server again.
    pub(super) fn start_again(&mut self) {
        self.api = start_api(&self.binaries, self.folder.path(), self.port, self.etcd_port);
    }

    /// Waits until the server is ready.
    pub(super) fn wait(&mut self) {
        let end = Instant::now() + Duration::from_mins(3);
        while self.try_kubectl(&["get", "--raw", "/readyz"]).is_err() {
            let log = || fs::read_to_string(self.folder.path().join("api.log")).unwrap_or_default();
            assert!(self.api.try_wait().expect("is ours").is_none(), "kube-apiserver ended: {}", log());
            assert!(Instant::now() < end, "kube-apiserver is not ready: {}", log());
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
        self.stop_etcd();
    }
}

/// Starts etcd, on other ports if somebody took one of them before it did.
fn start_etcd(binaries: &Binaries, folder: &Path) -> (Child, u16) {
    const TRIES: usize = 5;
    for _ in 0..TRIES {
        let port = free_port();
        let (client, peer) =
            (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{}", free_port()));
        let mut command = Command::new(&binaries.etcd);
        command
            .arg(format!("--data-dir={}", folder.join("etcd").display()))
            .arg(format!("--listen-client-urls={client}"))
            .arg(format!("--advertise-client-urls={client}"))
            .arg(format!("--listen-peer-urls={peer}"))
            .arg(format!("--initial-advertise-peer-urls={peer}"))
            .arg(format!("--initial-cluster=default={peer}"))
            .arg("--unsafe-no-fsync");
        let mut etcd = spawn(command, &folder.join("etcd.log"));
        while etcd.try_wait().expect("is ours").is_none() {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return (etcd, port);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = fs::remove_dir_all(folder.join("etcd"));
    }
    panic!("etcd does not start: {}", fs::read_to_string(folder.join("etcd.log")).unwrap_or_default());
}

fn start_api(binaries: &Binaries, folder: &Path, port: u16, etcd_port: u16) -> Child {
    let at = |name: &str| folder.join(name).display().to_string();
    let mut command = Command::new(&binaries.api_server);
    command
        .arg(format!("--etcd-servers=http://127.0.0.1:{etcd_port}"))
        .arg("--bind-address=127.0.0.1")
        .arg("--advertise-address=10.96.0.2")
        .arg("--endpoint-reconciler-type=none")
        .arg(format!("--secure-port={port}"))
        .arg(format!("--tls-cert-file={}", at("server.crt")))
        .arg(format!("--tls-private-key-file={}", at("server.key")))
        .arg(format!("--client-ca-file={}", at("ca.crt")))
        .arg(format!("--cert-dir={}", at("certs")))
        .arg("--service-account-issuer=https://kubernetes.default.svc")
        .arg(format!("--service-account-key-file={}", at("server.pub")))
        .arg(format!("--service-account-signing-key-file={}", at("server.key")))
        .arg("--service-cluster-ip-range=10.96.0.0/16")
        .arg("--authorization-mode=Node,RBAC")
        .arg("--anonymous-auth=false")
        .arg("--enable-bootstrap-token-auth")
        // Without a controller manager nothing makes service accounts.
        .arg("--disable-admission-plugins=ServiceAccount");
    spawn(command, &folder.join("api.log"))
}

fn spawn(mut command: Command, log: &Path) -> Child {
    let log = fs::File::options().create(true).append(true).open(log).expect("can be written");
    let errors = log.try_clone().expect("is open");
    command.stdin(Stdio::null()).stdout(log).stderr(errors).spawn().expect("the program starts")
}

/// An authority, a server's and an administrator's certificate, and the administrator's kubeconfig.
fn pki(folder: &Path, port: u16) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    params.distinguished_name.push(DnType::CommonName, "kubernetes");
    let authority =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("is made")).expect("is signed");
    fs::write(folder.join("ca.crt"), authority.pem()).expect("is written");
    let signed = |name: &str, mut params: CertificateParams| {
        let key = KeyPair::generate().expect("is made");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let certificate = params.signed_by(&key, &authority).expect("is signed");
        fs::write(folder.join(format!("{name}.crt")), certificate.pem()).expect("is written");
        fs::write(folder.join(format!("{name}.key")), key.serialize_pem()).expect("is written");
        fs::write(folder.join(format!("{name}.pub")), key.public_key_pem()).expect("is written");
    };
    let mut server = CertificateParams::default();
    server.subject_alt_names = vec![SanType::IpAddress([127, 0, 0, 1].into())];
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    signed("server", server);
    let mut admin = CertificateParams::default();
    admin.distinguished_name.push(DnType::CommonName, "admin");
    admin.distinguished_name.push(DnType::OrganizationName, "system:masters");
    admin.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    signed("admin", admin);
    let kubeconfig = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- name: c\n  context: {{cluster: c, user: u}}\n\
         clusters:\n- name: c\n  cluster: {{server: \"https://127.0.0.1:{port}\", certificate-authority: ca.crt}}\n\
         users:\n- name: u\n  user: {{client-certificate: admin.crt, client-key: admin.key}}\n"
    );
    fs::write(folder.join("admin.conf"), kubeconfig).expect("is written");
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a port");
    listener.local_addr().expect("is bound").port()
}
