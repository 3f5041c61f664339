//! A progress bar on a terminal, for scans that last.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use clawsift::options::Meter;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A scan that is done before this shows no bar at all.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// A bar that follows a meter until it is dropped.
pub(crate) struct Bar {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// Starts to watch; draws on standard error, and only when that is a terminal.
    pub(crate) fn start(meter: &Arc<Meter>, wanted: bool) -> Option<Self> {
        if !wanted || !std::io::IsTerminal::is_terminal(&std::io::stderr()) {
            return None;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (stop, meter) = (Arc::clone(&stop), Arc::clone(meter));
            move || watch(&stop, &meter)
        });
        Some(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A bar that failed to draw is no reason to fail the scan.
            let _ = thread.join();
        }
    }
}

fn watch(stop: &AtomicBool, meter: &Meter) {
    std::thread::park_timeout(PATIENCE);
    if stop.load(Ordering::Relaxed) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos}/{len} files {wide_bar} {elapsed}") {
        bar.set_style(style);
    }
    while !stop.load(Ordering::Relaxed) {
        bar.set_length(meter.total.load(Ordering::Relaxed) as u64);
        bar.set_position(meter.done.load(Ordering::Relaxed) as u64);
        bar.tick();
        std::thread::park_timeout(TICK);
    }
    bar.finish_and_clear();
}
