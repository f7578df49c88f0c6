//! A person at the keyboard: what is asked for by keys, and what comes of it.

use std::{
    io::{self, Write},
    time::Duration,
};

use super::{
    prompts::{OpenPrompt, OpenPrompts},
    steered::Wheel,
};
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

/// A debugger asks again within this time after a line, unless it lets the test go on.
const GO_ON: Duration = Duration::from_millis(300);

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
    /// Who was answered last, and until when that may ask again before others are.
    answered: Option<(String, Duration)>,
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
    /// Who waits for an answer.
    pub(super) prompts: &'s OpenPrompts,
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

    /// What is typed is for who was answered last, as long as that asks again, or else for who asked first,
    /// whose question is then shown again.
    fn pass_on_lines(&mut self, scene: &Scene<'_>, live: &mut Live) {
        let Some(prompt) = self.chosen(scene) else { return };
        let is_new = self.answered.as_ref().is_none_or(|(route, _)| *route != prompt.route);
        if is_new {
            if self.answered.is_some() {
                let again = format!("{}| {}", prompt.route, prompt.text);
                live.text(format!("\n{}", escaped(scene.look, &again)).as_bytes());
            }
            self.answered = Some((prompt.route.clone(), scene.now));
        }
        let text = self.source.lines();
        if !text.is_empty() {
            self.answered = Some((prompt.route.clone(), scene.now + GO_ON));
            self.wheel.borrow_mut().push(Steering::Type { route: prompt.route.clone(), text });
        }
    }

    /// Who is answered now; nobody while the last one may ask again.
    fn chosen<'s>(&self, scene: &Scene<'s>) -> Option<&'s OpenPrompt> {
        let Some((route, until)) = &self.answered else { return scene.prompts.first() };
        match scene.prompts.of(route) {
            None if scene.now < *until => None,
            None => scene.prompts.first(),
            prompt => prompt,
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
