" Vim syntax file of Watchkeeper's runbook language, on top of that of Groovy.
" Generated from the Spec classes of io.watchkeeper.dsl.
if exists('b:watchkeeper_syntax')
  finish
endif
let b:watchkeeper_syntax = 1

syn keyword watchkeeperBlock guard onFailure onRecovery policy runbook schedule step
syn keyword watchkeeperVerb alert analyze archiver auditLog authenticationReview autovacuumAdvice backfill backupStatus
syn keyword watchkeeperVerb baseBackup bloat cacheHitRatio check checkpoints connections conversionPlan copyTable copyTables
syn keyword watchkeeperVerb databaseSizes diskSpace dropLeakedSlots dropTenant dump error execute expireBackups failoverCluster
syn keyword watchkeeperVerb http indexAdvice indexUsage insertOnce lockWaits log logErrors maintainPartitions migrate moveTenant
syn keyword watchkeeperVerb param params pitrDrill provisionPublication provisionStandby provisionSubscription query reindex
syn keyword watchkeeperVerb remediateLag replicationConflicts replicationLag restore resumeTenant sequences settingsReview sleep
syn keyword watchkeeperVerb slo slowQueries suspendTenant switchover syncTable syncTables synchronousStandbys tableStatistics
syn keyword watchkeeperVerb tenant ulid updateVersioned vacuum verifyBackups verifyTable verifyTables verifyTenants walArchive
syn keyword watchkeeperVerb wraparound xminHorizon
syn keyword watchkeeperOption accept address ahead alertAfter alertAfterBytes alertRetaining alertWhen allow alsoAsk alsoOn
syn keyword watchkeeperOption amcheck analyzeAt any apply archive atMost attempts avoid back backendWrites backup batch bin
syn keyword watchkeeperOption bloatOver budget by cancelAtMost changed checklist checkpoint chunkTime classes clean columns
syn keyword watchkeeperOption compare compress compressAt concurrently confirm costLimit costLimitTo createKeyIndex cron daily
syn keyword watchkeeperOption damaged dataDirectory dataOnly database deadTuples deadline deletes description detach differential
syn keyword watchkeeperOption drillWithin drop dropLogicalSlots dropSlotOver end errors every evidence except exclude fail
syn keyword watchkeeperOption failOlderThan file fillfactor first firstLook followColumns format freeze from full fullAfter
syn keyword watchkeeperOption fullWithin globals handBack handover hash hba hbaFrom hot hugeRows idempotencyKey ignore inactiveFor
syn keyword watchkeeperOption incremental into jitter jobs keep keepAtLeast keepBaseBackups keepDumps keepLast keepWal key label
syn keyword watchkeeperOption largeTable largest lasting least leastBytes leastCheckpoints leastPages leastRows list localEdits
syn keyword watchkeeperOption lock lockTimeout lockedAtMost longerThan lsn maxActiveSessions maxAge maxDeletes maxDrops maxLag
syn keyword watchkeeperOption maxReplicationLag maxRetained maxRpo maxRto maxSlotWalKeepSize meanWarn memory mergeKeys method
syn keyword watchkeeperOption minFree minFreeDisk missed mode monthly moreThan moveDefaultRows name neverCancel newest onError
syn keyword watchkeeperOption onMismatch oneSnapshot only over overlap overwrite owner parallel partition passwordFile patience
syn keyword watchkeeperOption pause pgbackrest plan port prepare probe probes project proveEvery provider publication rateLimit
syn keyword watchkeeperOption readP95 rebuildIndexes region reindexOf remedy renew repair replace repoint reportOnly restart
syn keyword watchkeeperOption resume retain retaining retry rewind role rollbacks rules sample schemaOnly schemas scope service
syn keyword watchkeeperOption set settings shutOut skipLocked slot slowSync slowerThan sourceAddress sourceXmin sslMode
syn keyword watchkeeperOption sslRootCert standbys start strategy suspendAutovacuum synthetic systemd tables tablespace
syn keyword watchkeeperOption tablespaces target targetTable template testOn testRestore testRevert testRows throughRoot timeout
syn keyword watchkeeperOption timestamp to transactionFail transactionWarn transactions undo until unusedFor vacuumAt verify
syn keyword watchkeeperOption verifyEvery waitFor walKeepSize warn warnAfter warnAfterBytes warnOlderThan warnRetaining watermark
syn keyword watchkeeperOption weekly whenAge whenBloat whenChanged whenDeadTuples whenMultixactAge where window within workers
syn keyword watchkeeperOption writeP95 zone
syn keyword watchkeeperValue FRI MON SAT SUN THU TUE WED append auto binary cancelConflicts checksum client cluster command copy
syn keyword watchkeeperValue count custom directory disable fast fdw gzip host hotStandbyFeedback hybrid index keys latest load
syn keyword watchkeeperValue lz4 merge none pgCtl plain propose queue repack report reprovision restartReceiver resumeReplay
syn keyword watchkeeperValue runAll runOnce server skip sourceWins spread stream swap tar terminateConflicts text truncate
syn keyword watchkeeperValue watchkeeper write xmin yieldRuns zstd
syn match watchkeeperUnit /\v<\d[0-9_.]*\.(milliseconds?|seconds?|minutes?|hours?|days?|kilobytes?|megabytes?|gigabytes?|terabytes?|percent)>/

hi def link watchkeeperBlock Structure
hi def link watchkeeperVerb Function
hi def link watchkeeperOption Identifier
hi def link watchkeeperValue Constant
hi def link watchkeeperUnit Number
