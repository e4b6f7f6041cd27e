#!/bin/sh
# SPDX-License-Identifier: ISC
# Pages of check --html and reports --html: no script, nothing is loaded, foreign text is text; in a real browser they ask for
# nothing, do not overflow at 375 and 1280 pixels, and have names, contrast, headings and table heads in order.
# shellcheck source=../tap.sh
. "$(dirname "$0")/../tap.sh"

top=$(cd "$(dirname "$0")/../.." && pwd)
bin=${LAB_BUILD:-$top/build}/bin/sealpost
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
[ -x "$bin" ] || skip_all "$bin is not built"
mkdir -p "$work/home/.config/sealpost" "$work/run"
chmod 700 "$work/run"
printf '[sealpost]\ntimeout = 1\nresolver = 127.0.0.1@1\n' >"$work/home/.config/sealpost/config"
cd "$work" || exit 1
sealpost() {
	env -i HOME="$work/home" PATH="$PATH" XDG_RUNTIME_DIR="$work/run" "$bin" "$@"
}

# Reports of many days, with what would run if it were not escaped.
evil='<img src=x onerror=alert(1)><script>alert(1)</script>\\"'"'"'\&amp;'
for n in $(seq 40); do
	day=$(date -u -d "2026-01-01 + $n days" +%Y-%m-%d)
	sed -e "s/2016-04-01/$day/" -e "s/5065427c/$n/" -e "s|Company-X|$evil|" -e "s|\"mx1\.mail|\"<b onclick=x>mx1.mail|" \
		"$top/tests/fuzz/corpus/report/appendix-b" >"r$n.json"
done
cat >notice <<'END'
From: "<script>alert(2)</script>" <ca@ca.example>
Subject: CAA <iframe src=//evil.example>

CAA forbids us.
</pre><script>alert(3)</script>
END
run sealpost reports --html r*.json notice
is 'reports: exit' "$rc" 1
printf '%s\n' "$out" >reports.html
run sealpost check --html one.example two.example '<script>.example'
is 'check: no such name' "$rc" 64
run sealpost check --html one.example two.example
is 'check: exit' "$rc" 75
printf '%s\n' "$out" >check.html
run sealpost check --html one.example
like 'check of one: a page too' "$out" '<h2>one\.example: <span class="unknown">'

for page in reports check; do
	is "$page: nothing runs" "$(grep -Eic '<(script|iframe|img|b onclick|object|embed|link)|<[^>]* on[a-z]+ *=|javascript:' $page.html)" 0
	is "$page: nothing is loaded" "$(grep -Eic '<[^>]*(src|href|background|poster|data) *=|url\(|@import' $page.html)" 0
	like "$page: nothing may be" "$(cat $page.html)" "content=\"default-src 'none'; style-src 'unsafe-inline'\""
	is "$page: one first heading" "$(grep -c '<h1>' $page.html)" 1
done
like 'reports: foreign text is text' "$(cat reports.html)" '&lt;img src=x onerror=alert\(1\)&gt;'
like 'reports: a notice too' "$(cat reports.html)" '^&lt;/pre&gt;&lt;script&gt;'
like 'reports: the chart has a name' "$(cat reports.html)" '<svg role="img" .*<title>Good and failed sessions by day, 2026-01-02 to 2026-02-10'
is 'reports: a bar for each day, good and failed' "$(grep -c '<rect class="good"' reports.html) $(grep -c '<rect class="failed"' reports.html)" '40 40'
is 'reports: its figures as a table' "$(grep -c '<tr><th scope="row">2026-' reports.html)" 40
if command -v xmllint >/dev/null; then
	sed 's/<meta [^>]*>//; s/<br>//; s/<!DOCTYPE html>//' reports.html >whole.xml
	ok 'reports: every element ends' xmllint --noout whole.xml
else
	skip 1 'xmllint is not installed'
fi

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
[ -n "$browser" ] || {
	skip 12 'Chromium is not installed'
	done_testing
}

# A copy that may run our script, in a frame of the width; what it finds is told to the page around it.
cat >look.js <<'END'
function channel(v) { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); }
function light(c) { const m = c.match(/[\d.]+/g).map(Number); return 0.2126 * channel(m[0]) + 0.7152 * channel(m[1]) + 0.0722 * channel(m[2]); }
function ratio(a, b) { const x = light(a), y = light(b); return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); }
onload = () => {
	const all = [...document.body.querySelectorAll('*')].filter((e) => e.tagName != 'SCRIPT');
	const bad = [];
	const back = getComputedStyle(document.body).backgroundColor;
	if (document.documentElement.scrollWidth > innerWidth) bad.push('overflows: ' + document.documentElement.scrollWidth);
	for (const e of all)
		if ([...e.childNodes].some((n) => n.nodeType == 3 && n.data.trim()) && !e.closest('svg') &&
			ratio(getComputedStyle(e).color, back) < 4.5) bad.push('contrast: ' + e.outerHTML.slice(0, 80));
	let level = 0;
	for (const h of document.querySelectorAll('h1,h2,h3,h4')) {
		const now = +h.tagName[1];
		if (now > level + 1) bad.push('heading: ' + h.textContent);
		level = now;
	}
	for (const t of document.querySelectorAll('table'))
		if (!t.caption || !t.tHead || [...t.tHead.querySelectorAll('th')].some((h) => h.scope != 'col' || !h.textContent)) bad.push('table');
	for (const s of document.querySelectorAll('svg')) if (!s.querySelector('title').textContent) bad.push('svg');
	if (performance.getEntriesByType('resource').length) bad.push('asks for something');
	if (!document.title || !document.documentElement.lang) bad.push('no name or language');
	parent.postMessage(all.length > 10 && !bad.length ? 'fine' : 'BAD ' + all.length + ' ' + bad.join('; '), '*');
};
END
look() { # PAGE WIDTH SCHEME
	{
		sed -e 's/<meta http-equiv[^>]*>//' -e "s/(prefers-color-scheme:dark)/$([ "$3" = dark ] && echo all || echo not all)/" "$1.html"
		echo '<script>'
		cat look.js
		echo '</script>'
	} >copy.html
	printf '<!DOCTYPE html><title>x</title><pre id=o></pre><script>onmessage = (e) => o.textContent = e.data</script>' >around.html
	printf '<iframe src=copy.html width=%s height=900></iframe>' "$2" >>around.html
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$work/browser" --window-size=1400,1000 \
		--virtual-time-budget=4000 --dump-dom "file://$work/around.html" 2>/dev/null | sed -n 's/.*<pre id="o">\(.*\)<\/pre>.*/\1/p'
}
for page in reports check; do
	for width in 375 1280; do
		for scheme in light dark; do
			found=$(look $page $width $scheme)
			[ -n "$found" ] || { skip 1 'Chromium does not run here'; continue; }
			is "$page at $width pixels, $scheme" "$found" fine
		done
	done
done
done_testing
