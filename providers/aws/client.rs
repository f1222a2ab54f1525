//! Calls to the service with repeats, waits and interruption: the one place where any of these is decided.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::{OnceCell, watch};

use crate::api::{ApiResult, CallerIdentity, Ec2Api, Filter, StsApi};
use crate::failure::{Failure, Outcome};
use crate::regions;
use crate::retry::{RetryPolicy, Timer, poll_delay};

/// A future of an API method.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = ApiResult<T>> + Send + 'a>>;

/// How many values a filter may hold (a limit of the service).
pub const FILTER_LIMIT: usize = 200;

/// How many calls that work on one object each run at a time within one refresh.
const CONCURRENT_CALLS: usize = 10;

/// How long an object that was just created may take to become visible everywhere.
const VISIBILITY_LIMIT: Duration = Duration::from_mins(2);

/// The connection to one account and region.
pub struct Client {
    ec2: Arc<dyn Ec2Api>,
    sts: Arc<dyn StsApi>,
    timer: Arc<dyn Timer>,
    policy: RetryPolicy,
    stopped: watch::Sender<bool>,
    region: String,
    identity: OnceCell<CallerIdentity>,
    /// False with `skip_requesting_account_id`.
    account_wanted: bool,
}

/// What a poll found.
pub enum Poll<T> {
    Done(T),
    /// Not yet; the state is told when time runs out.
    Pending(String),
}

impl Client {
    pub fn new(
        ec2: Arc<dyn Ec2Api>,
        sts: Arc<dyn StsApi>,
        region: impl Into<String>,
        policy: RetryPolicy,
        timer: Arc<dyn Timer>,
    ) -> Self {
        Self {
            ec2,
            sts,
            timer,
            policy,
            stopped: watch::Sender::new(false),
            region: region.into(),
            identity: OnceCell::new(),
            account_wanted: true,
        }
    }

    /// Never asks for the account id (`skip_requesting_account_id`).
    #[must_use]
    pub fn without_account(mut self) -> Self {
        self.account_wanted = false;
        self
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    /// Ends waits and repeats; calls in flight still answer.
    pub fn stop(&self) {
        self.stopped.send_replace(true);
    }

    fn is_stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    /// Who the credentials belong to; asked once.
    pub async fn identity(&self) -> Outcome<&CallerIdentity> {
        self.identity
            .get_or_try_init(|| {
                self.repeat(|| self.sts.get_caller_identity(), crate::api::ApiError::is_transient)
            })
            .await
    }

    /// The account id, empty where it is not to be asked for.
    pub async fn account_id(&self) -> Outcome<&str> {
        if self.account_wanted { Ok(&self.identity().await?.account) } else { Ok("") }
    }

    /// `arn:aws:ec2:REGION:OWNER:RESOURCE`.
    pub fn arn(&self, owner: &str, resource: &str) -> String {
        let partition = regions::partition(&self.region).id;
        format!("arn:{partition}:ec2:{}:{owner}:{resource}", self.region)
    }

    /// Makes a call that may be repeated without harm: reads, and changes whose second time changes nothing.
    pub async fn call<'a, T, F>(&'a self, call: F) -> Outcome<T>
    where
        F: Fn(&'a dyn Ec2Api) -> Call<'a, T>,
    {
        self.repeat(|| call(&*self.ec2), crate::api::ApiError::is_transient).await
    }

    /// Makes a call whose second time would do it twice: repeats only when it was certainly not carried out.
    pub async fn once<'a, T, F>(&'a self, call: F) -> Outcome<T>
    where
        F: Fn(&'a dyn Ec2Api) -> Call<'a, T>,
    {
        self.repeat(|| call(&*self.ec2), crate::api::ApiError::is_certainly_not_done).await
    }

    /// Makes a harmless call that fails with one of `codes` until what was created a moment ago is visible.
    pub async fn call_when_visible<'a, T, F>(&'a self, codes: &[&str], call: F) -> Outcome<T>
    where
        F: Fn(&'a dyn Ec2Api) -> Call<'a, T>,
    {
        self.retry_codes(VISIBILITY_LIMIT, codes, call).await
    }

    /// Makes a harmless call, repeating it while it fails with one of `codes`; the last failure is the answer when
    /// the time is over.
    pub async fn retry_codes<'a, T, F>(&'a self, limit: Duration, codes: &[&str], call: F) -> Outcome<T>
    where
        F: Fn(&'a dyn Ec2Api) -> Call<'a, T>,
    {
        let deadline = self.timer.now().saturating_add(limit);
        let mut attempt = 0;
        loop {
            match self.call(&call).await {
                Err(failure) if failure.has_code(codes) && self.timer.now() < deadline => {
                    if self.pause(poll_delay(attempt)).await.is_err() {
                        return Err(failure);
                    }
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    async fn repeat<'a, T>(
        &'a self,
        call: impl Fn() -> Call<'a, T>,
        may_repeat: fn(&crate::api::ApiError) -> bool,
    ) -> Outcome<T> {
        let mut attempt = 0;
        loop {
            match call().await {
                Err(error)
                    if (may_repeat(&error) || error.is_throttling()) && attempt < self.policy.max_retries =>
                {
                    if self.pause(self.policy.delay(attempt)).await.is_err() {
                        return Err(error.into());
                    }
                    attempt += 1;
                }
                answer => return Ok(answer?),
            }
        }
    }

    /// Polls until it is done, fails, the time is over, or groma is asked to stop.
    pub async fn wait<T, F, Fut>(&self, what: &str, limit: Duration, mut poll: F) -> Outcome<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Outcome<Poll<T>>>,
    {
        let deadline = self.timer.now().saturating_add(limit);
        let mut attempt = 0;
        loop {
            let last = match poll().await? {
                Poll::Done(value) => return Ok(value),
                Poll::Pending(last) => last,
            };
            if self.timer.now() >= deadline {
                return Err(Failure::Timeout { what: what.to_owned(), last, limit });
            }
            if self.pause(poll_delay(attempt)).await.is_err() {
                return Err(Failure::Interrupted { what: what.to_owned() });
            }
            attempt += 1;
        }
    }

    /// Rests before poll number `attempt`; an error when groma was asked to stop.
    pub async fn rest(&self, attempt: u32) -> Outcome<()> {
        let interrupted = |Stopped| Failure::Interrupted { what: "the change to become visible".to_owned() };
        self.pause(poll_delay(attempt)).await.map_err(interrupted)
    }

    /// Sleeps; an error when groma was asked to stop.
    async fn pause(&self, duration: Duration) -> Result<(), Stopped> {
        let mut stopped = self.stopped.subscribe();
        if self.is_stopped() {
            return Err(Stopped);
        }
        tokio::select! {
            () = self.timer.sleep(duration) => Ok(()),
            _ = stopped.wait_for(|stopped| *stopped) => Err(Stopped),
        }
    }

    /// Describes objects by a filter over any number of values, in as few calls as the service allows.
    pub async fn describe<'a, T, F>(&'a self, filter: &str, values: &[String], call: F) -> Outcome<Vec<T>>
    where
        F: for<'f> Fn(&'f dyn Ec2Api, &'f [Filter]) -> Call<'f, Vec<T>>,
    {
        let mut values = values.to_vec();
        values.sort();
        values.dedup();
        values.retain(|value| !value.is_empty());
        let mut found = Vec::new();
        for chunk in values.chunks(FILTER_LIMIT) {
            let filters = [Filter::new(filter, chunk.iter().cloned())];
            found.extend(self.call(|ec2| call(ec2, &filters)).await?);
        }
        Ok(found)
    }

    /// Runs pieces of work, some at a time, and answers in their order.
    pub async fn each<T>(&self, work: Vec<impl Future<Output = T>>) -> Vec<T> {
        futures::stream::iter(work).buffered(CONCURRENT_CALLS).collect().await
    }
}

struct Stopped;
