//! How many tests a runner gets that must be started again for more.

use std::time::Duration;

/// What a start costs at most: one part in so many of a batch.
const SHARE: u32 = 10;

/// The number of waiting tests, from the front, that make the next batch; 0 only if none waits.
///
/// A batch is long enough that the start of its runner is a tenth of it, and no longer than that needs, so
/// that a slow worker gets fewer. What is left is cut into equal batches, as many for each worker, so that
/// all are done at the same time.
///
/// * `waiting`: the length of each test, if it is known. Others count as the mean.
/// * `busy`: for how long each of the other workers is still busy; zero for one that is free.
pub fn batch_size(waiting: &[Option<Duration>], start_up: Duration, busy: &[Duration]) -> usize {
    let known: Vec<f64> = waiting.iter().flatten().map(Duration::as_secs_f64).collect();
    let workers = busy.len() + 1;
    if known.is_empty() {
        // Half of them, evenly: the times of these say how to cut the rest.
        return waiting.len().div_ceil(workers * 2);
    }
    let mean = known.iter().sum::<f64>() / known.len() as f64;
    let length = |test: &Option<Duration>| test.map_or(mean, |length| length.as_secs_f64());
    let work: f64 = waiting.iter().map(length).sum();

    let start_up = start_up.as_secs_f64();
    let end = even_end(work, start_up, busy);
    let rounds = (end / (start_up * f64::from(SHARE))).floor().max(1.0);
    let wanted = end / rounds - start_up;
    let mut sum = 0.0;
    for (count, test) in waiting.iter().enumerate() {
        let length = length(test);
        // The test that passes the end of the batch is in it if most of it is.
        if count > 0 && sum + length / 2.0 > wanted {
            return count;
        }
        sum += length;
    }
    waiting.len()
}

/// When all workers would be done, if each started once more and the work could be cut anywhere.
fn even_end(work: f64, start_up: f64, busy: &[Duration]) -> f64 {
    let mut free: Vec<f64> = busy.iter().map(Duration::as_secs_f64).collect();
    free.push(0.0);
    free.sort_by(f64::total_cmp);
    let (mut sum, mut end) = (work, f64::INFINITY);
    for (count, free) in free.into_iter().enumerate() {
        // Who is busy until then, or could not even start, takes no part.
        if free + start_up >= end {
            break;
        }
        sum += free + start_up;
        end = sum / (count + 1) as f64;
    }
    end
}
