package io.watchkeeper.dsl;

import io.watchkeeper.dsl.Vocabulary.BlockWords;
import io.watchkeeper.dsl.Vocabulary.Term;
import java.util.Map;

/** Puts the example of a word into a runbook around it. */
final class Examples {

    /** What goes around a block, with what else the block needs; {@code %s} is where the example stands. */
    private static final Map<String, String> AROUND = Map.ofEntries(
            Map.entry("the file", "%s"),
            Map.entry("runbook", "runbook('a') { step('x') { }\n%s\n}"),
            Map.entry("schedule", "runbook('a') { step('x') { }; schedule { every 1.hour\n%s\n} }"),
            Map.entry("policy", "runbook('a') { step('x') { }; policy {\n%s\n} }"),
            Map.entry("guard", "runbook('a') { step('x') { }; guard {\n%s\n} }"),
            Map.entry("step", "runbook('a') { step('x') { List<Map<String, Object>> rows = []\n%s\n} }"),
            Map.entry("check", "runbook('a') { step('x') { def rows = []; check('a', 5) {\n%s\n} } }"),
            Map.entry("onFailure", "runbook('a') { step('x') { }; onFailure { def rows = []\n%s\n} }"),
            Map.entry("onRecovery", "runbook('a') { step('x') { }; onRecovery { def rows = []\n%s\n} }"),
            Map.entry("copyTable", "runbook('a') { step('x') { copyTable('t') { from 'shore'; to 'ship'\n%s\n} } }"),
            Map.entry("copyTables", "runbook('a') { step('x') { copyTables('t') { from 'shore'; to 'ship'\n%s\n} } }"),
            Map.entry("syncTable", "runbook('a') { step('x') { syncTable('t') { from 'shore'; to 'ship'\n%s\n} } }"),
            Map.entry("syncTables", "runbook('a') { step('x') { syncTables('t') { from 'shore'; to 'ship'\n%s\n} } }"),
            Map.entry(
                    "verifyTable", "runbook('a') { step('x') { verifyTable('t') { from 'shore'; to 'ship'\n%s\n} } }"),
            Map.entry(
                    "verifyTables",
                    "runbook('a') { step('x') { verifyTables('t') { from 'shore'; to 'ship'\n%s\n} } }"),
            Map.entry("expireBackups", "runbook('a') { step('x') { expireBackups {\n%s\n} } }"),
            Map.entry("verifyBackups", "runbook('a') { step('x') { verifyBackups {\n%s\n} } }"),
            Map.entry(
                    "provisionStandby",
                    "runbook('a') { step('x') { provisionStandby('ship') { from 'shore'; dataDirectory '/a'\n%s\n} } }"),
            Map.entry(
                    "provisionPublication",
                    "runbook('a') { step('x') { provisionPublication('shore') { name 'a'; tables 't'\n%s\n} } }"),
            Map.entry(
                    "provisionSubscription",
                    "runbook('a') { step('x') { provisionSubscription('ship') { from 'shore'; publication 'a'; name 'a'\n%s\n} } }"),
            Map.entry(
                    "alertWhen",
                    "runbook('a') { step('x') { copyTable('t') { from 'shore'; to 'ship'; alertWhen('page') {\n%s\n} } } }"),
            Map.entry("dump", "runbook('a') { step('x') { dump('shore') {\n%s\n} } }"),
            Map.entry("restore", "runbook('a') { step('x') { restore('shore') {\n%s\n} } }"),
            Map.entry("pitrDrill", "runbook('a') { step('x') { pitrDrill('shore') {\n%s\n} } }"),
            Map.entry("connections", "runbook('a') { step('x') { connections('shore') {\n%s\n} } }"),
            Map.entry("slowQueries", "runbook('a') { step('x') { slowQueries('shore') {\n%s\n} } }"),
            Map.entry("lockWaits", "runbook('a') { step('x') { lockWaits('shore') {\n%s\n} } }"),
            Map.entry("databaseSizes", "runbook('a') { step('x') { databaseSizes('shore') {\n%s\n} } }"),
            Map.entry("diskSpace", "runbook('a') { step('x') { diskSpace('shore') {\n%s\n} } }"),
            Map.entry("tableStatistics", "runbook('a') { step('x') { tableStatistics('shore') {\n%s\n} } }"),
            Map.entry("indexUsage", "runbook('a') { step('x') { indexUsage('shore') {\n%s\n} } }"),
            Map.entry("cacheHitRatio", "runbook('a') { step('x') { cacheHitRatio('shore') {\n%s\n} } }"),
            Map.entry("checkpoints", "runbook('a') { step('x') { checkpoints('shore') {\n%s\n} } }"),
            Map.entry("archiver", "runbook('a') { step('x') { archiver('shore') {\n%s\n} } }"),
            Map.entry("replicationConflicts", "runbook('a') { step('x') { replicationConflicts('shore') {\n%s\n} } }"),
            Map.entry("wraparound", "runbook('a') { step('x') { wraparound('shore') {\n%s\n} } }"),
            Map.entry("sequences", "runbook('a') { step('x') { sequences('shore') {\n%s\n} } }"),
            Map.entry("authenticationReview", "runbook('a') { step('x') { authenticationReview('shore') {\n%s\n} } }"),
            Map.entry("settingsReview", "runbook('a') { step('x') { settingsReview('shore') {\n%s\n} } }"),
            Map.entry("logErrors", "runbook('a') { step('x') { logErrors('shore') {\n%s\n} } }"),
            Map.entry("auditLog", "runbook('a') { step('x') { auditLog('shore') {\n%s\n} } }"),
            Map.entry("backupStatus", "runbook('a') { step('x') { backupStatus('shore') {\n%s\n} } }"),
            Map.entry("switchover", "runbook('a') { step('x') { switchover('shore') { to 'ship'\n%s\n} } }"),
            Map.entry("synchronousStandbys", "runbook('a') { step('x') { synchronousStandbys('shore') {\n%s\n} } }"),
            Map.entry("replicationLag", "runbook('a') { step('x') { replicationLag('shore') {\n%s\n} } }"),
            Map.entry(
                    "dropLeakedSlots",
                    "runbook('a') { step('x') { dropLeakedSlots('shore') { inactiveFor 1.hour; retaining 1.gigabytes\n%s\n} } }"),
            Map.entry("remediateLag", "runbook('a') { step('x') { remediateLag('shore') {\n%s\n} } }"),
            Map.entry("tenant", "runbook('a') { step('x') { tenant('shore', 'b') { region 'r'; plan 'p'\n%s\n} } }"),
            Map.entry("moveTenant", "runbook('a') { step('x') { moveTenant('shore', 'b') { to 'rls'\n%s\n} } }"),
            Map.entry("dropTenant", "runbook('a') { step('x') { dropTenant('shore', 'b') {\n%s\n} } }"),
            Map.entry("verifyTenants", "runbook('a') { step('x') { verifyTenants('shore') {\n%s\n} } }"),
            Map.entry("analyze", "runbook('a') { step('x') { analyze('ship') {\n%s\n} } }"),
            Map.entry("reindex", "runbook('a') { step('x') { reindex('shore') {\n%s\n} } }"),
            Map.entry("indexAdvice", "runbook('a') { step('x') { indexAdvice('shore') {\n%s\n} } }"),
            Map.entry("bloat", "runbook('a') { step('x') { bloat('shore') {\n%s\n} } }"),
            Map.entry("vacuum", "runbook('a') { step('x') { vacuum('ship') {\n%s\n} } }"),
            Map.entry("xminHorizon", "runbook('a') { step('x') { xminHorizon('shore') {\n%s\n} } }"),
            Map.entry("autovacuumAdvice", "runbook('a') { step('x') { autovacuumAdvice('shore') {\n%s\n} } }"),
            Map.entry(
                    "maintainPartitions",
                    "runbook('a') { step('x') { maintainPartitions('shore', 't') { monthly; retain 1.day\n%s\n} } }"),
            Map.entry("slo", "runbook('a') { step('x') { slo('shore') {\n%s\n} } }"),
            Map.entry("conversionPlan", "runbook('a') { step('x') { conversionPlan('shore', 't') { by 'at'\n%s\n} } }"),
            Map.entry("migrate", "runbook('a') { step('x') { migrate('shore') { to 'u'\n%s\n} } }"),
            Map.entry(
                    "backfill",
                    "runbook('a') { step('x') { backfill('shore', 't') { set 'a = 1'; where 'a is null'\n%s\n} } }"),
            Map.entry("baseBackup", "runbook('a') { step('x') { baseBackup('shore') {\n%s\n} } }"),
            Map.entry("walArchive", "runbook('a') { step('x') { walArchive('shore') {\n%s\n} } }"));

    private static final Map<String, String> BLOCKS = Map.of(
            "runbook", "{ step('x') { } }",
            "schedule", "{ every 1.hour }");

    private Examples() {}

    static String inPlace(BlockWords block, Term term) {
        String example = term.doc().example().replace("{ … }", BLOCKS.getOrDefault(term.name(), "{ }"));
        if (example.startsWith("def rows = ")) {
            example = example.replace("def rows", "def others");
        }
        String around = AROUND.get(block.name());
        if (around == null) {
            throw new AssertionError("say what goes around the block '" + block.name() + "'");
        }
        if (term.name().equals("cron") || term.name().equals("every")) {
            around = around.replace("every 1.hour", "");
        }
        return around.replace("%s", example);
    }
}
