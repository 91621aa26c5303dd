" ':make' validates the runbook and goes to its first mistake; CTRL-N completes the words of the language.
setlocal makeprg=watchkeeper\ validate\ %:S
setlocal errorformat=%f:%l:%c:\ %m,%-G%.%#
setlocal expandtab shiftwidth=4 softtabstop=4
for s:words in globpath(&runtimepath, 'watchkeeper-words.txt', 0, 1)
  execute 'setlocal dictionary+=' . fnameescape(s:words)
endfor
setlocal complete+=k
