# For `callPackage`: nix-build -E '(import <nixpkgs> { }).callPackage ./subunit-cli.nix { }'
{ stdenvNoCC, fetchurl, lib }:
let
  inherit (stdenvNoCC.hostPlatform) system;
  sources = {
@PLATFORMS@
  };
in
stdenvNoCC.mkDerivation {
  pname = "subunit-cli";
  version = "@VERSION@";
  src = fetchurl (sources.${system} or (throw "subunit-cli: there is no archive for ${system}"));
  installPhase = ''
    mkdir -p $out
    cp -r bin share $out
  '';
  dontStrip = true;
  meta = {
    description = "@SUMMARY@";
    homepage = "@ADDRESS@";
    license = with lib.licenses; [ asl20 bsd3 ];
    mainProgram = "subunit";
    platforms = builtins.attrNames sources;
  };
}
