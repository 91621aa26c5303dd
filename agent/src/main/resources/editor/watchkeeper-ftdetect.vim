" A Groovy file that begins a runbook in its first lines is one; syntax and settings of both kinds apply.
augroup watchkeeper
  autocmd!
  autocmd BufNewFile,BufRead *.groovy if join(getline(1, 60), "\n") =~# '\vrunbook\s*\(' | setlocal filetype=groovy.watchkeeper | endif
augroup END
