//! A person at the keyboard: what is asked for by keys, and what comes of it.

use std::{
    io::{self, Write},
    time::Duration,
};

use super::{prompts::OpenPrompt, steered::Wheel};
#[cfg(unix)]
use crate::keyboard::Keyboard;
use crate::{
    pipeline::Steering,
    style::{Look, escaped},
    watch::{
        Run,
        focus::Focus,
        keys::{Asked, HELP, Keys},
        live::{Foot, Live},
        report::{write_caption, write_failures},
        running::write_running,
    },
};

/// Where keys come from.
pub(super) trait KeySource {
    /// The keys that were pressed since this was last asked, as a terminal sends them.
    fn pressed(&mut self) -> Vec<u8>;

    /// The terminal edits and shows lines itself, until keys are asked for again.
    fn release(&mut self);

    /// The lines that were typed since then.
    fn lines(&mut self) -> Vec<u8>;
}

#[cfg(unix)]
impl KeySource for Keyboard {
    fn pressed(&mut self) -> Vec<u8> {
        Self::pressed(self)
    }

    fn release(&mut self) {
        Self::release(self);
    }

    fn lines(&mut self) -> Vec<u8> {
        Self::lines(self)
    }
}

/// The keyboard of the terminal, if there is one.
#[cfg(unix)]
pub(super) fn keyboard() -> Option<Box<dyn KeySource>> {
    Keyboard::offered().map(|keyboard| Box::new(keyboard) as _)
}

/// The keyboard of the terminal, if there is one.
#[cfg(not(unix))]
pub(super) fn keyboard() -> Option<Box<dyn KeySource>> {
    None
}

/// A person at the keyboard.
pub(super) struct Onlooker {
    source: Box<dyn KeySource>,
    is_released: bool,
    /// Who is answered now.
    answered: Option<OpenPrompt>,
    keys: Keys,
    /// Which worker the person looks at.
    pub(super) focus: Focus,
    foot: Foot,
    wheel: Wheel,
}

/// What a person is told about.
pub(super) struct Scene<'s> {
    pub(super) run: &'s Run,
    pub(super) now: Duration,
    pub(super) look: Look,
    pub(super) columns: Option<usize>,
    /// Who waits for an answer first.
    pub(super) prompt: Option<&'s OpenPrompt>,
}

impl Onlooker {
    pub(super) fn new(source: Box<dyn KeySource>, wheel: Wheel) -> Self {
        let (keys, focus, foot) = (Keys::default(), Focus::default(), Foot::default());
        let answered = None;
        Self { source, is_released: false, answered, keys, focus, foot, wheel }
    }

    /// Does what was asked for since this was last called. While the terminal is left to somebody who may wait
    /// for an answer, keys are theirs.
    pub(super) fn obey(&mut self, scene: &Scene<'_>, live: &mut Live) -> io::Result<()> {
        if live.has_prompt() {
            self.source.release();
            self.is_released = true;
            self.pass_on_lines(scene, live);
            return Ok(());
        }
        let mut pressed = self.source.pressed();
        self.answered = None;
        if std::mem::take(&mut self.is_released) {
            // It was meant for somebody else.
            pressed.clear();
        }
        if !pressed.is_empty() {
            self.foot.notice = None;
        }
        for asked in self.keys.pressed(&pressed) {
            self.answer(asked, scene, live.above())?;
        }
        self.foot.name = self.keys.name();
        self.foot.focus = self.focus.on().map(str::to_owned);
        live.set_foot(self.foot.clone());
        Ok(())
    }

    /// What is typed is for who asked first. If others asked meanwhile, the next one's question is shown again.
    fn pass_on_lines(&mut self, scene: &Scene<'_>, live: &mut Live) {
        if self.answered.is_some()
            && self.answered.as_ref().map(|prompt| &prompt.route)
                != scene.prompt.map(|prompt| &prompt.route)
            && let Some(OpenPrompt { route, text }) = scene.prompt
        {
            let again = format!("\n{route}| {text}");
            live.text(escaped(scene.look, &again).to_string().as_bytes());
        }
        self.answered = scene.prompt.cloned();
        let Some(prompt) = scene.prompt else { return };
        let text = self.source.lines();
        if !text.is_empty() {
            self.wheel.borrow_mut().push(Steering::Type { route: prompt.route.clone(), text });
        }
    }

    fn answer(&mut self, asked: Asked, scene: &Scene<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Scene { run, now, look, columns, .. } = *scene;
        match asked {
            Asked::Running => {
                write_caption("running:", look, out)?;
                write_running(run, now, look, out)
            }
            Asked::Failures if run.failures().kept().is_empty() => {
                writeln!(out, "no test has failed so far")
            }
            Asked::Failures => write_failures(run, &[], columns, look, out),
            Asked::Help => {
                write_caption("keys:", look, out)?;
                out.write_all(HELP.as_bytes())
            }
            Asked::Pause => {
                self.foot.is_paused = !self.foot.is_paused;
                let steering = if self.foot.is_paused { Steering::Pause } else { Steering::Resume };
                self.steer(steering)
            }
            Asked::Stop => {
                self.foot.is_stopping = true;
                self.steer(Steering::Stop)
            }
            Asked::Worker(name) => {
                self.foot.notice = self.focus.set(&name).err();
                Ok(())
            }
            Asked::All => {
                self.focus.clear();
                Ok(())
            }
        }
    }

    fn steer(&mut self, steering: Steering) -> io::Result<()> {
        self.wheel.borrow_mut().push(steering);
        Ok(())
    }
}
