#!/usr/bin/env bash
# curl.sh <url>: prints the stream frame by frame, comes back where it was, and ends when it is refused.
id=''
until [ "$ended" = 22 ]; do
  frame=''
  while IFS= read -r line; do
    frame+="$line"$'\n'
    # A place counts when its frame is whole.
    case $line in 'id: '*) next=${line#id: } ;; '') printf %s "$frame"; id=$next frame='' ;; esac
  done < <(curl --silent --no-buffer --fail --retry 99 --retry-connrefused --retry-delay 1 --header "last-event-id: $id" "$1")
  wait $!; ended=$?
done
