//! `cargo xtask lab`: real Debian hosts on this machine (tests/lab/README.md).

mod faults;
mod test;

use std::io::Write;
use std::os::unix::process::CommandExt;

use anyhow::{Context, Result};
use lab::{Existing, HostPlan, Lab, Plan, Purpose, Reach, Sudo};

#[derive(clap::Subcommand)]
pub enum Task {
    /// Boot a bastion, hosts behind it, and hosts that this machine reaches.
    Up(Up),
    /// Open a shell on a host, or run a command there.
    Ssh(Ssh),
    /// Take a lab down.
    Down(Down),
    /// Print the labs that are up, and their hosts.
    Status,
    /// Run the tests that need real hosts.
    Test(test::Args),
    /// Do something bad to a host, or undo it.
    Fault(faults::Args),
    /// Carries a slow link for `fault`.
    #[command(hide = true)]
    Carry(faults::Args),
}

#[derive(clap::Args)]
pub struct Up {
    /// The lab's name.
    #[arg(long, default_value = DEFAULT)]
    name: String,
    /// How many hosts only the bastion reaches: h1, h2 ...
    #[arg(long, default_value_t = 2)]
    behind: usize,
    /// How many hosts this machine reaches: d1, d2 ...
    #[arg(long, default_value_t = 1)]
    direct: usize,
    /// Hosts on which sudo asks admin for the password.
    #[arg(long, value_name = "HOST")]
    sudo_asks: Vec<String>,
    /// A Debian package that every host has.
    #[arg(long = "package", value_name = "PACKAGE")]
    packages: Vec<String>,
    /// Make them hosts for Kubernetes: containerd, and folders that it can use.
    #[arg(long)]
    kubernetes: bool,
    /// Take the lab as it is if it is up.
    #[arg(long)]
    reuse: bool,
}

#[derive(clap::Args)]
pub struct Ssh {
    /// The lab's name.
    #[arg(long, default_value = DEFAULT)]
    name: String,
    /// Who to be there: root or admin.
    #[arg(long, default_value = "root")]
    user: String,
    host: String,
    /// What to run there; a shell, if nothing is said.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

#[derive(clap::Args)]
pub struct Down {
    /// The lab's name.
    #[arg(default_value = DEFAULT, conflicts_with_all = ["all", "stale"])]
    name: String,
    /// All labs of this machine, whoever uses them.
    #[arg(long)]
    all: bool,
    /// Those that a test left behind when it was killed.
    #[arg(long)]
    stale: bool,
}

pub fn run(task: &Task) -> Result<()> {
    lab::machine::check()?;
    match task {
        Task::Up(args) => up(args),
        Task::Ssh(args) => ssh(args),
        Task::Down(args) => down(args),
        Task::Status => status(),
        Task::Test(args) => test::run(args),
        Task::Fault(args) => faults::run(args),
        Task::Carry(args) => faults::carry(args),
    }
}

fn up(args: &Up) -> Result<()> {
    let mut plan = Plan::new(&args.name);
    plan.packages.clone_from(&args.packages);
    if args.kubernetes {
        plan.purpose = Purpose::Kubernetes;
    }
    if args.reuse {
        plan.existing = Existing::Reuse;
    }
    let mut hosts = Vec::new();
    if args.behind > 0 {
        hosts.push(("bastion".to_owned(), Reach::Bastion));
    }
    hosts.extend((1..=args.behind).map(|i| (format!("h{i}"), Reach::Behind)));
    hosts.extend((1..=args.direct).map(|i| (format!("d{i}"), Reach::Direct)));
    for (name, reach) in hosts {
        let sudo = if args.sudo_asks.contains(&name) { Sudo::Asks } else { Sudo::Free };
        plan = plan.host(HostPlan::new(&name, reach).sudo(sudo));
    }
    let mut lab = Lab::up(&plan)?;
    lab.keep()?;
    print(&lab);
    Ok(())
}

fn ssh(args: &Ssh) -> Result<()> {
    let lab = Lab::open(&args.name)?;
    lab.host(&args.host)?;
    let mut ssh = lab.ssh_client();
    ssh.args(["-l", &args.user, &args.host]).args(&args.command);
    Err(ssh.exec()).context("`ssh` cannot be started")
}

fn down(args: &Down) -> Result<()> {
    let names = match (args.all, args.stale) {
        (true, _) => lab::labs(),
        (_, true) => lab::stale(),
        _ => [args.name.clone()].into(),
    };
    for name in names {
        lab::down(&name)?;
        println!("{name} is down");
    }
    Ok(())
}

fn status() -> Result<()> {
    for name in lab::labs() {
        match Lab::open(&name) {
            Ok(lab) => print(&lab),
            Err(error) => println!("{name}: {error:#}"),
        }
    }
    Ok(())
}

fn print(lab: &Lab) {
    let record = lab.record();
    let mut text = format!(
        "{}: {} host(s), up in {:.1} s\n  record      {}\n  ssh         ssh -F {} HOST\n  password    {} (of admin)\n",
        record.name,
        record.hosts.len(),
        record.took.as_secs_f64(),
        lab::paths::record(&record.name).display(),
        record.ssh_config.display(),
        record.admin_password
    );
    for host in &record.hosts {
        let state = match lab.leader(&host.name) {
            Ok(leader) => format!("up, systemd is process {leader}"),
            Err(_) => "down".to_owned(),
        };
        let way = host.bastion.as_ref().map(|bastion| format!(", behind {bastion}")).unwrap_or_default();
        text.push_str(&format!("  {:<11} {}{way}: {state}\n", host.name, host.address));
    }
    // A reader that has seen enough is no error.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

const DEFAULT: &str = "default";
