#!/usr/bin/env bash
# Makes the 1.3 GB image of the benchmarks with Debian's own tools: layer 1 is a debootstrap system, layer 2 what apt-get install adds.
# usage: bench/make-image.sh DEST     (root; needs debootstrap; a few minutes, 5 GB of disk)
# Writes DEST/big.docker.tar (docker save, uncompressed layers) and DEST/big.oci (OCI layout, gzip layers). What is there is left alone.
set -euo pipefail
dest=$(mkdir -p "${1:?usage: bench/make-image.sh DEST}" && cd "$1" && pwd)
[ -e "$dest/.done" ] && exit 0
root=$dest/root
packages="build-essential python3-dev python3-scipy clang nodejs git curl gdb cmake"

if [ ! -e "$root/.second-layer" ]; then
  rm -rf "$root" "$dest"/layer*.tar
  debootstrap --variant=minbase bookworm "$root" >"$dest/debootstrap.log"
  tar -C "$root" --numeric-owner --sort=name --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -cf "$dest/layer1.tar" .
  touch "$dest/stamp" && sleep 1
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y -q --no-install-recommends $packages >"$dest/apt.log" 2>&1
  chroot "$root" apt-get clean
  touch "$root/.second-layer"
fi
(cd "$root" && find . -xdev -cnewer "$dest/stamp" ! -path './dev/*' ! -path './proc/*' ! -path './sys/*' ! -path ./.second-layer -print0) |
  sort -z | tar -C "$root" --numeric-owner --no-recursion --null -T - -cf "$dest/layer2.tar"

sha() { sha256sum "$1" | cut -d' ' -f1; }
size() { stat -c %s "$1"; }
d1=$(sha "$dest/layer1.tar") d2=$(sha "$dest/layer2.tar")
config='{"architecture":"amd64","os":"linux","config":{},"history":[{"created_by":"debootstrap bookworm"},{"created_by":"apt-get install"}],"rootfs":{"type":"layers","diff_ids":["sha256:'$d1'","sha256:'$d2'"]}}'

# docker save
work=$dest/docker; rm -rf "$work"; mkdir -p "$work/$d1" "$work/$d2"
printf '%s' "$config" >"$work/config.json"; c=$(sha "$work/config.json"); mv "$work/config.json" "$work/$c.json"
mv "$dest/layer1.tar" "$work/$d1/layer.tar"; mv "$dest/layer2.tar" "$work/$d2/layer.tar"
printf '[{"Config":"%s.json","RepoTags":["bench/big:latest"],"Layers":["%s/layer.tar","%s/layer.tar"]}]' "$c" "$d1" "$d2" >"$work/manifest.json"
tar -C "$work" --sort=name -cf "$dest/big.docker.tar" .

# OCI layout
oci=$dest/big.oci; rm -rf "$oci"; mkdir -p "$oci/blobs/sha256"
blob() { mv "$1" "$oci/blobs/sha256/$(sha "$1")"; }
layers=
for d in "$d1" "$d2"; do
  gzip -6 -n <"$work/$d/layer.tar" >"$dest/layer.gz"
  layers+="${layers:+,}"'{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:'$(sha "$dest/layer.gz")'","size":'$(size "$dest/layer.gz")'}'
  blob "$dest/layer.gz"
done
printf '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:%s","size":%s},"layers":[%s]}' "$c" "$(size "$work/$c.json")" "$layers" >"$dest/manifest"
cp "$work/$c.json" "$dest/config"; blob "$dest/config"
m=$(sha "$dest/manifest") ms=$(size "$dest/manifest"); blob "$dest/manifest"
printf '{"imageLayoutVersion":"1.0.0"}' >"$oci/oci-layout"
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s}]}' "$m" "$ms" >"$oci/index.json"
rm -rf "$work" "$root"
touch "$dest/.done"
