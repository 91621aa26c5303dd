package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.backup.RetentionPolicy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Lets a stanza's old backups go, and the archive that only they needed. The agent decides which, by {@link StanzaRetention}; pgBackRest
 * deletes them, dependents before what they stand on, under its own lock.
 *
 * <p>Where just the oldest go, that is one command with its count of full backups. Where one among them is held, each set that goes is
 * named, and the count comes after them for the archive.
 */
public final class StanzaExpiry {

    private final PgBackRest program;
    private final StanzaRetention retention;

    public StanzaExpiry(PgBackRest program, RetentionPolicy policy) {
        this.program = program;
        this.retention = new StanzaRetention(policy);
    }

    /**
     * What was let go, or would be.
     *
     * @param expired oldest first
     * @param kept oldest first
     * @param spared sets that would have gone if they were not held or in use
     * @param commands as they were run, or would be
     * @param said pgBackRest's own words
     */
    public record Expired(
            List<StanzaBackup> expired,
            List<StanzaBackup> kept,
            List<String> spared,
            List<String> commands,
            List<String> said) {}

    /**
     * @param damaged labels of backups known to be bad: they do not count
     * @param held labels of backups that stay, and what they stand on with them
     * @param dryRun whether pgBackRest only says what it would do
     * @throws OperatorException when the stanza cannot be used, or another process is at work on it
     */
    public Expired expire(Set<String> damaged, Set<String> held, Instant now, boolean dryRun) {
        StanzaInfo info = program.requireInfo();
        List<StanzaBackup> expired = new ArrayList<>();
        List<StanzaBackup> kept = new ArrayList<>();
        List<String> spared = new ArrayList<>();
        List<String> commands = new ArrayList<>();
        List<String> said = new ArrayList<>();
        for (StanzaInfo.Repo repo : info.repos()) {
            List<StanzaBackup> here =
                    info.backups().stream().filter(b -> b.repo() == repo.key()).toList();
            if (here.isEmpty()) {
                continue;
            }
            StanzaRetention.Decision decision = retention.decide(repo.key(), here, damaged, held, now);
            decision.expired().forEach(set -> expired.addAll(set.backups()));
            decision.kept().forEach(set -> kept.addAll(set.backups()));
            decision.spared().forEach(set -> spared.add(set.label()));
            for (List<String> options : commands(decision, info.repos().size() > 1)) {
                List<String> all = new ArrayList<>(options);
                if (dryRun) {
                    all.add("--dry-run");
                }
                commands.add(program.text("expire", all));
                program.run("expire", all).log().messages().stream()
                        .filter(message -> message.level().equals("INFO")
                                && !message.text().contains("command "))
                        .forEach(message -> said.add(message.text().replace("[DRY-RUN] ", "")));
            }
        }
        return new Expired(expired, kept, spared, commands, said);
    }

    /** What pgBackRest is told. */
    private static List<List<String>> commands(StanzaRetention.Decision decision, boolean several) {
        List<List<String>> commands = new ArrayList<>();
        String repo = "--repo" + decision.repo() + "-";
        List<String> only = several ? List.of("--repo=" + decision.repo()) : List.of();
        if (!decision.isCount()) {
            for (StanzaRetention.BackupSet set : decision.expired()) {
                List<String> one = new ArrayList<>(only);
                one.addAll(
                        counts(repo, decision.expired().size() + decision.kept().size()));
                one.add("--set=" + set.label());
                commands.add(one);
            }
        }
        List<String> count = new ArrayList<>(only);
        count.addAll(counts(repo, decision.kept().size()));
        commands.add(count);
        return commands;
    }

    private static List<String> counts(String repo, int full) {
        return List.of(
                repo + "retention-full-type=count",
                repo + "retention-full=" + full,
                repo + "retention-archive-type=full",
                repo + "retention-archive=" + full,
                // Differential backups go with their full one.
                repo + "retention-diff=9999999");
    }
}
