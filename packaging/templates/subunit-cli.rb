class SubunitCli < Formula
  desc "@SUMMARY@"
  homepage "@ADDRESS@"
  version "@VERSION@"
  license any_of: ["Apache-2.0", "BSD-3-Clause"]

@PLATFORMS@

  def install
    bin.install Dir["bin/*"]
    man1.install Dir["share/man/man1/*"]
    bash_completion.install "share/bash-completion/completions/subunit"
    zsh_completion.install "share/zsh/site-functions/_subunit"
    fish_completion.install "share/fish/vendor_completions.d/subunit.fish"
    doc.install Dir["share/doc/subunit/*"]
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/subunit --version")
    system bin/"subunit", "run", "--", bin/"subunit", "output", "--success", "brew"
  end
end
