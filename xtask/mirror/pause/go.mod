module groma.invalid/pause

go 1.24
