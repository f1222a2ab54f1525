//! What runs in a cluster of the lab: a page of three pods, and a client on each worker. Both are programs of their hosts, as no
//! registry is reached and the images that are there hold one program each.

use super::work::Work;

/// Adds them to an example.
pub(super) fn add(work: &Work) {
    work.write("workload.tf", CONFIG);
    work.write("page.yaml.tftpl", PAGE);
    work.write("client.yaml.tftpl", CLIENT);
    assert!(work.run(&["init"]).status.success());
}

const CONFIG: &str = r#"
module "workload" {
  source     = "../../modules/eksd-addon"
  hosts      = module.cluster.api_hosts
  kubeconfig = module.cluster.kubeconfig
  namespace  = "shop"
  variables  = { image = data.eksd_release.this.images["coredns"].uri }
  manifests = {
    "10-space"  = { yaml = yamlencode({ apiVersion = "v1", kind = "Namespace", metadata = { name = "shop" } }) }
    "20-page"   = { template = "page.yaml.tftpl" }
    "30-client" = { template = "client.yaml.tftpl" }
  }
}
"#;

/// Each pod says on which node it is.
const PAGE: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata: { name: page }
spec:
  replicas: 3
  selector: { matchLabels: { app: page } }
  template:
    metadata: { labels: { app: page } }
    spec:
      topologySpreadConstraints:
        - { maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: DoNotSchedule, nodeTaintsPolicy: Honor, labelSelector: { matchLabels: { app: page } } }
      terminationGracePeriodSeconds: 1
      containers:
        - name: page
          image: "${image}"
          command: [/usr/bin/perl, -MIO::Socket::INET, -e]
          args:
            - |
              my $server = IO::Socket::INET->new(LocalPort => 8080, Listen => 9, ReuseAddr => 1) or die $!;
              while (1) {
                my $client = $server->accept or next;
                sysread($client, my $asked, 4096);
                print $client "HTTP/1.0 200 OK\r\n\r\n$ENV{NODE}\n";
                close $client;
              }
          env: [{ name: NODE, valueFrom: { fieldRef: { fieldPath: spec.nodeName } } }]
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
          volumeMounts: [{ name: usr, mountPath: /usr, readOnly: true }, { name: lib, mountPath: /lib, readOnly: true }, { name: lib64, mountPath: /lib64, readOnly: true }]
      volumes: [{ name: usr, hostPath: { path: /usr } }, { name: lib, hostPath: { path: /usr/lib } }, { name: lib64, hostPath: { path: /usr/lib64 } }]
---
apiVersion: v1
kind: Service
metadata: { name: page }
spec:
  selector: { app: page }
  ports: [{ port: 80, targetPort: 8080 }]
"#;

const CLIENT: &str = r#"apiVersion: apps/v1
kind: DaemonSet
metadata: { name: client }
spec:
  selector: { matchLabels: { app: client } }
  template:
    metadata: { labels: { app: client } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
        - name: client
          image: "${image}"
          command: [/usr/bin/sleep, infinity]
          volumeMounts: [{ name: usr, mountPath: /usr, readOnly: true }, { name: lib, mountPath: /lib, readOnly: true }, { name: lib64, mountPath: /lib64, readOnly: true }]
      volumes: [{ name: usr, hostPath: { path: /usr } }, { name: lib, hostPath: { path: /usr/lib } }, { name: lib64, hostPath: { path: /usr/lib64 } }]
"#;
