use std::fs;

use value::Value;

use super::{Ca, bench, certificate, differing, openssl_is_here, root, run, text};

/// What the README says: trust both, switch, drop.
#[tokio::test]
async fn an_authority_is_changed_in_three_plans_none_of_which_breaks_trust() {
    if !openssl_is_here() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is room");
    let host = folder.path().join("h");
    // Even one of the same name: it is told by its signature.
    let (old, new) = (Ca::new("kubernetes"), Ca::new("kubernetes"));
    let (certificates, kubeconfigs) =
        (bench("eksd_certificate", folder.path()).await, bench("eksd_kubeconfig", folder.path()).await);
    let trusting = |authorities: &[&Ca]| {
        Value::object_of([
            ("host", root(&host)),
            ("path", text("/etc/eksd/admin.conf")),
            ("server", text("https://10.0.0.10:6443")),
            (
                "certificate_authority",
                text(authorities.iter().map(|ca| ca.certificate.as_str()).collect::<String>()),
            ),
            ("client_certificate", text("/etc/eksd/pki/admin.crt")),
            ("client_key", text("/etc/eksd/pki/admin.key")),
        ])
    };
    let verified = |trusted: &[&Ca]| {
        let bundle = folder.path().join("bundle");
        fs::write(&bundle, trusted.iter().map(|ca| ca.certificate.as_str()).collect::<String>())
            .expect("is written");
        let path = host.join("etc/eksd/pki/apiserver.crt");
        let arguments = [
            "verify",
            "-attime",
            "1714979289",
            "-CAfile",
            &bundle.display().to_string(),
            &path.display().to_string(),
        ];
        run("openssl", &arguments);
    };
    let phases = [
        ("trust both", &old, vec![&old, &new]),
        ("switch", &new, vec![&old, &new]),
        ("drop", &new, vec![&new]),
    ];
    let mut leaf = certificates.create(certificate(&host, &old)).await;
    let mut client = kubeconfigs.create(trusting(&[&old])).await;
    let mut planned = Vec::new();
    for (name, signing, trusted) in &phases {
        let (leaf_config, client_config) = (certificate(&host, signing), trusting(trusted));
        let (_, leaf_plan) = certificates.plan(&leaf, &leaf_config).await;
        let (_, client_plan) = kubeconfigs.plan(&client, &client_config).await;
        assert!(
            leaf_plan.requires_replace.is_empty() && client_plan.requires_replace.is_empty(),
            "{name}: in place"
        );
        planned.push((*name, leaf_plan.planned != leaf, client_plan.planned != client));
        // Whoever is first, what each trusts has signed what it gets.
        verified(trusted);
        leaf = certificates.update(&leaf, &leaf_config).await;
        verified(trusted);
        client = kubeconfigs.update(&client, &client_config).await;
        assert!(differing(&client, &kubeconfigs.read(&client).await).is_empty());
        assert!(differing(&leaf, &certificates.read(&leaf).await).is_empty());
    }
    assert_eq!(planned, [("trust both", false, true), ("switch", true, false), ("drop", false, true)]);
}
