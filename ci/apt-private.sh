# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced by deps.sh and kernels.sh: a private apt configuration. It reads suites that the machine's
# configuration does not name from the mirrors that it does name, and never touches /etc/apt or /var/lib/apt.
# The caller defines die().

# Mirror of the machine for release $1 ("bookworm", "bookworm-security"): the address of exactly this release,
# else of any release of the same kind (security or not). --no-release-info works before any `apt-get update`.
apt_mirror() {
	apt-get indextargets --no-release-info --format "\$(REPO_URI) \$(RELEASE) \$(CREATED_BY) \$(COMPONENT)" 2>/dev/null |
	awk -v want="$1" -v base="${1%%-*}" '
		function kind(r) { return r ~ /-security$|\/updates$/ ? "s" : "m" }
		$3 != "Packages" || $4 != "main" { next }
		$2 == want { exact = exact ? exact : $1 }
		kind($2) != kind(want) { next }
		$2 == base { near = near ? near : $1 }
		{ any = any ? any : $1 }
		END { print exact ? exact : near ? near : any }'
}

# The key ring of the Debian archive: without it nothing is fetched, because signatures are not optional.
apt_keyring() {
	for ring in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
		if [ -r "$ring" ]; then
			echo "$ring"
			return
		fi
	done
	die "no /usr/share/keyrings/debian-archive-keyring.gpg: install the package debian-archive-keyring"
}

# apt_private DIR SUITE...: writes DIR/sources.list and DIR/apt.conf and makes apt use them (APT_CONFIG).
# A suite whose kind of mirror the machine does not name (no security mirror) is left out.
apt_private() {
	private=$1
	shift
	ring=$(apt_keyring) || exit 3
	mkdir -p "$private/lists/partial" "$private/cache/archives/partial"
	for suite; do
		uri=$(apt_mirror "$suite")
		[ -z "$uri" ] || echo "deb [arch=amd64 signed-by=$ring] $uri $suite main"
	done > "$private/sources.list"
	[ -s "$private/sources.list" ] || die "apt names no mirror of Debian main (looked through apt-get indextargets)"
	# the sandbox user _apt could not write below a private directory
	cat > "$private/apt.conf" <<-END
		Dir::Etc::SourceList "$private/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State::Lists "$private/lists";
		Dir::Cache "$private/cache";
		Acquire::Languages "none";
		Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
		Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
		Acquire::Retries "2";
		APT::Sandbox::User "$(id -un)";
	END
	APT_CONFIG=$private/apt.conf
	export APT_CONFIG
}
