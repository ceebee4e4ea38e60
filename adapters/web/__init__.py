"""The assistant as a page on this machine: plain HTML, one style sheet, one script, nothing from other servers."""
