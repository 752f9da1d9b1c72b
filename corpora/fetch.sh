#!/bin/sh
# Brings a well-known public corpus into a folder of your choice; see usage() below.
#
# Nothing stands under a corpus's name before it is whole and checked. What is under way stands
# beside it in hidden files, which `inkling train FOLDER` passes over:
#   .FILE.part    a download that broke off; the next run goes on from there
#   .FILE.whole   all that was downloaded, not yet unpacked and checked
#   .FILE.new     unpacked, not yet checked
#   .FILE.sha256  the checksum at the first download, where none is known beforehand
set -eu

usage() {
  cat <<'END'
usage: fetch.sh NAME [FOLDER]     bring the corpus NAME into FOLDER and print its path
       fetch.sh --list [FOLDER]   what there is, and what FOLDER has already
FOLDER is $XDG_DATA_HOME/inkling/corpora (~/.local/share/inkling/corpora) unless given.
With INKLING_CORPORA_BASE=ADDRESS, https://HOST/PATH is taken from ADDRESS/HOST/PATH instead.
END
}

# Calls $1 with each corpus: name, file, address, SHA-256 of what is downloaded, members of the
# archive ('' = it is none), SHA-256 of the file, size of the download, what it is. A checksum
# stands here only where publications independent of each other agree on it.
each_corpus() {
  "$1" tiny-shakespeare tiny-shakespeare.txt \
    https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt \
    '' '' 86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed \
    '1.1 MB' "scenes from Shakespeare's plays; public domain"
  "$1" war-and-peace war-and-peace.txt \
    https://cs.stanford.edu/people/karpathy/char-rnn/warpeace_input.txt \
    '' '' '' \
    '3.2 MB' "Tolstoy's novel in English; public domain"
  "$1" text8 text8.txt \
    http://mattmahoney.net/dc/text8.zip \
    a6640522afe85d1963ad56c05b0ede0a0c000dddc9671758a6cc09b7a38e5232 \
    text8 6e890197040d37d85beb962ae1f041ff1d9a9ca8d20c7d99c85027eebf51dca7 \
    '31 MB' 'English Wikipedia of 2006 in a-z and spaces, 100 MB; CC BY-SA 3.0'
  "$1" enwik8 enwik8.txt \
    http://mattmahoney.net/dc/enwik8.zip \
    '' enwik8 2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8 \
    '36 MB' 'English Wikipedia of 2006 with its markup, 100 MB; CC BY-SA 3.0'
  "$1" nottingham nottingham.abc \
    http://ifdo.ca/~seymour/nottingham/nottingham_database.zip \
    f79a4bffe78b16d630d4d69f9c62775a7aa246d0973c4d8714ab6c5139ff5a3b \
    '*.abc' '' \
    '0.1 MB' 'a thousand British and American folk tunes in ABC; no licence stated'
}

say() { printf 'fetch.sh: %s\n' "$*" >&2; }
fail() {
  say "$@"
  exit 1
}
misuse() {
  say "$1"
  usage >&2
  exit 2
}
has() { command -v "$1" >/dev/null 2>&1; }

# The XDG specification has relative values ignored.
default_folder() {
  case ${XDG_DATA_HOME:-} in
    /*) printf '%s/inkling/corpora\n' "$XDG_DATA_HOME" ;;
    *)
      [ -n "${HOME:-}" ] || fail 'HOME is not set: name the folder, as in fetch.sh NAME FOLDER'
      printf '%s/.local/share/inkling/corpora\n' "$HOME"
      ;;
  esac
}

list_one() {
  mark=
  [ ! -e "$folder/$2" ] || mark="[in $folder]"
  printf '%-17s %7s  %s\n' "$1" "$7" "$8${mark:+ $mark}"
}

choose_one() {
  [ "$1" = "$name" ] || return 0
  file=$2 address=$3 download_sum=$4 members=$5 file_sum=$6
}

sha256_of() {
  if has sha256sum; then
    sum=$(sha256sum <"$1")
  elif has shasum; then
    sum=$(shasum -a 256 <"$1")
  else
    sum=$(openssl dgst -sha256 -r <"$1")
  fi || fail "cannot read $1"
  printf '%.64s\n' "$sum"
}

need_tools() {
  has curl || has wget ||
    fail 'needs curl or wget; on Debian or Ubuntu: sudo apt-get install curl'
  has sha256sum || has shasum || has openssl ||
    fail 'needs sha256sum, shasum or openssl; on Debian or Ubuntu: sudo apt-get install coreutils'
  [ -z "$members" ] || has unzip || has bsdtar ||
    fail 'needs unzip; on Debian or Ubuntu: sudo apt-get install unzip'
}

size_of() { if [ -e "$1" ]; then wc -c <"$1"; else echo 0; fi; }

# These go on with $part where there is one. They set `trouble` to what went wrong: '' (all is
# there), network, broken, refused, range (the server will not go on from here), trust or tool.
load_with_curl() {
  look=-sS
  [ ! -t 2 ] || look=-#
  status=0
  answer=$(curl "$look" -fL -C - --connect-timeout 30 --speed-time 60 --speed-limit 1 \
    -w '%{http_code}' -o "$part" "$address") || status=$?
  case $status:$answer in
    0:*) trouble= ;;
    5:* | 6:* | 7:*) trouble=network ;;
    18:* | 28:* | 52:* | 55:* | 56:* | 92:*) trouble=broken ;;
    22:416 | 33:* | 36:*) trouble=range ;;
    22:*) trouble=refused ;;
    35:* | 60:* | 77:*) trouble=trust ;;
    *) trouble=tool ;;
  esac
}

load_with_wget() {
  look=-q
  [ ! -t 2 ] || look='-q --show-progress'
  before=$(size_of "$part")
  status=0 answer=
  # shellcheck disable=SC2086  # two words
  wget $look -c -t 1 -T 60 -O "$part" "$address" || status=$?
  case $status in
    0) trouble= ;;
    4)
      trouble=network
      [ "$(size_of "$part")" -le "$before" ] || trouble=broken
      ;;
    5) trouble=trust ;;
    8)
      trouble=refused
      [ "$before" -eq 0 ] || trouble=range
      ;;
    *)
      trouble=tool
      [ "$before" -eq 0 ] || trouble=range
      ;;
  esac
}

load() { if has curl; then load_with_curl; else load_with_wget; fi; }

download() {
  if [ -s "$part" ]; then
    say "going on with $address where it broke off"
  else
    say "fetching $address"
  fi
  load
  if [ "$trouble" = range ]; then
    say 'it cannot go on where it broke off: starting again'
    rm -f "$part"
    load
  fi
  # An empty one would only make the next run say that it goes on.
  [ -s "$part" ] || rm -f "$part"
  host=${address#*://}
  host=${host%%/*}
  case $trouble in
    '') mv -f "$part" "$whole" ;;
    network) fail "no network, or $host does not answer; try again when it is there" ;;
    broken) fail 'the download broke off; the same command goes on where it stopped' ;;
    refused | range) fail "$host does not give $address${answer:+ (HTTP $answer)}" ;;
    trust) fail "no safe connection to $host; is ca-certificates installed, and the clock right?" ;;
    tool) fail "the download failed (exit code $status); is $folder full?" ;;
  esac
}

# Drops what was downloaded, so that the next run begins anew.
reject() {
  rm -f "$whole" "$new"
  fail "$@"
}

check() { # FILE, what it is, the SHA-256 that it must have or '', advice
  sum=$(sha256_of "$1")
  [ -z "$3" ] || [ "$sum" = "$3" ] ||
    reject "$2 is not what was expected and was dropped: its SHA-256 is $sum, not $3${4-}"
}

unpack() {
  if [ -z "$members" ]; then
    mv -f "$whole" "$new"
    return
  fi
  if has unzip; then
    unzip -p "$whole" "$members" >"$new"
  else
    bsdtar -xOf "$whole" "$members" >"$new"
  fi || reject "cannot unpack $address: it is damaged, or $folder is full; run the command again"
}

fetch() {
  path=$folder/$file
  part=$folder/.$file.part whole=$folder/.$file.whole new=$folder/.$file.new
  record=$folder/.$file.sha256
  advice=
  if [ -z "$file_sum" ] && [ -e "$record" ]; then
    read -r file_sum _ <"$record" || fail "cannot read $record; remove it and run the command again"
    advice=", as at the first download; to accept it, remove $record"
  fi

  if [ -e "$path" ]; then
    [ -n "$file_sum" ] || fail "$path is there, but not from here: move it away to fetch it"
    sum=$(sha256_of "$path")
    [ "$sum" = "$file_sum" ] ||
      fail "$path has changed: its SHA-256 is $sum, not $file_sum; remove it to fetch it again"
    say "$path is there already, and unchanged"
    return
  fi

  mkdir -p "$folder" || fail "cannot make the folder $folder"
  [ -w "$folder" ] || fail "cannot write to $folder; name another folder"
  [ -e "$whole" ] || download
  check "$whole" "$address" "$download_sum"
  unpack
  check "$new" "$file from $address" "$file_sum" "$advice"
  if [ -z "$file_sum" ]; then
    # A network that wants a login answers every address with its own page.
    ! head -c 300 "$new" | grep -qi '<html\|<!doctype' ||
      reject "$address brought a web page, not the text; does this network ask for a login?"
    # Before the file has its name, so that no file is ever without it.
    printf '%s  %s\n' "$sum" "$file" >"$record.new" || fail "cannot write to $folder; is it full?"
    mv -f "$record.new" "$record"
    say "its SHA-256 is $sum, which is checked from now on"
  fi
  mv -f "$new" "$path"
  rm -f "$whole"
}

[ $# -ge 1 ] || misuse 'which corpus?'
[ $# -le 2 ] || misuse "one corpus and one folder at a time, not $*"
name=$1
case $name in
  -h | --help)
    usage
    exit
    ;;
  --list) ;;
  -*) misuse "there is no option '$name'" ;;
esac
folder=${2-$(default_folder)}
case $folder in
  '') misuse 'the name of the folder is empty' ;;
  -*) misuse "'$folder' looks like an option; for a folder of that name write ./$folder" ;;
esac

if [ "$name" = --list ]; then
  each_corpus list_one
  exit
fi
file=
each_corpus choose_one
[ -n "$file" ] || misuse "there is no corpus '$name'; fetch.sh --list shows what there is"
if [ -n "${INKLING_CORPORA_BASE:-}" ]; then
  address=${INKLING_CORPORA_BASE%/}/${address#*://}
fi
need_tools
fetch
printf '%s\n' "$folder/$file"
