//! `man`: the manual, with all commands on one page.

use std::io;

use clap::Command;
use clap_mangen::Man;

/// The page. References to pages of the commands would lead nowhere: only this one is printed.
pub(super) fn page(program: Command) -> io::Result<Vec<u8>> {
    let commands: Vec<Command> = program.get_subcommands().cloned().collect();
    let man = Man::new(program);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    for command in commands {
        page.extend(section(command)?.into_bytes());
    }
    let mut rest = Vec::new();
    man.render_extra_section(&mut rest)?;
    page.extend(text(rest)?.replace(".SH EXTRA", ".SH \"EXIT STATUS\"").into_bytes());
    man.render_version_section(&mut page)?;
    Ok(page)
}

/// What a command takes beside the flags of all, one level below its name.
fn section(command: Command) -> io::Result<String> {
    let name = command.get_name().to_owned();
    let man = Man::new(command.bin_name(format!("fleet-top {name}")).disable_help_flag(true));
    let mut parts = Vec::new();
    man.render_synopsis_section(&mut parts)?;
    man.render_description_section(&mut parts)?;
    man.render_options_section(&mut parts)?;
    let parts = text(parts)?.replace("\n.SH ", "\n.SS ");
    Ok(format!(".SH \"FLEET\\-TOP {}\"\n{parts}", name.to_uppercase()))
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(io::Error::other)
}
