//! Makes the script calls for submissions that are under way at once.

use tokio::sync::oneshot;

use crate::{
    Error, Queue,
    enqueue::{
        submit::REMEMBERED,
        together::{Answer, Submitting},
    },
    script::{self, arguments},
    units::millis,
};

/// Makes calls until nothing waits any more. If our code fails, others can go on.
struct Calls {
    queue: Queue,
    is_over: bool,
}

impl Calls {
    async fn make(mut self) {
        loop {
            let some = self.queue.together().take();
            if some.is_empty() {
                self.is_over = true;
                return;
            }
            let (jobs, waiting): (Vec<_>, Vec<_>) = some.into_iter().unzip();
            for (answer, waiting) in self.queue.send_all(&jobs).await.into_iter().zip(waiting) {
                // Whoever asked may have gone.
                let _ = waiting.send(answer);
            }
        }
    }
}

impl Drop for Calls {
    fn drop(&mut self) {
        if !self.is_over {
            self.queue.together().give_up();
        }
    }
}

impl Queue {
    /// Submits a job, together with others that are submitted at the same time if it has an idempotency key.
    pub(crate) async fn submit_together(&self, submitting: Submitting) -> Answer {
        // A call that failed in part could not be made again for it.
        if submitting.index.is_empty() {
            return self.send_one(&submitting).await;
        }
        let (answer, answered) = oneshot::channel();
        if self.together().add(submitting, answer) {
            let queue = self.clone();
            let is_over = false;
            tokio::spawn(Calls { queue, is_over }.make());
        }
        answered.await.map_err(|_| Error::Slow)?
    }

    async fn send_all(&self, jobs: &[Submitting]) -> Vec<Answer> {
        match self.send(jobs).await {
            Ok(answers) => answers.into_iter().map(Ok).collect(),
            // Damaged data of one tenant concern no other. What was submitted before the script failed is recognised by its
            // idempotency key, here or by the worker.
            Err(Error::Redis(error)) if jobs.len() > 1 && error.code().is_some() => {
                let mut answers = Vec::with_capacity(jobs.len());
                for job in jobs {
                    answers.push(self.send_one(job).await);
                }
                answers
            }
            Err(error) => jobs.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn send_one(&self, job: &Submitting) -> Answer {
        let mut answers = self.send(std::slice::from_ref(job)).await?;
        answers.pop().ok_or(Error::Answer("to a submission"))
    }

    async fn send(&self, jobs: &[Submitting]) -> Result<Vec<(String, String)>, Error> {
        let answers: Vec<(String, String)> = self
            .run(&script::SUBMIT, |call| {
                for job in jobs {
                    let submit = arguments::Submit {
                        stream: &job.stream,
                        id: &job.id,
                        index: &job.index,
                        digest: &job.digest,
                        remember_ms: millis(REMEMBERED),
                        about: &job.about,
                        public_key: &job.public_key,
                        record: &job.record,
                        sealed: &job.sealed,
                    };
                    submit.write(call);
                }
            })
            .await?;
        match answers.len() == jobs.len() {
            true => Ok(answers),
            false => Err(Error::Answer("to submissions")),
        }
    }
}
