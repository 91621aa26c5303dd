// Tar files instead of a data directory, compressed; over a slow link the server had better do it: compressAt server.
runbook('base-backup-compressed') {
    step('base backup') {
        baseBackup('shore') {
            compress gzip, 1                // or zstd, lz4
            compressAt client
            checkpoint fast
            label 'before the upgrade'
        }
    }
}
