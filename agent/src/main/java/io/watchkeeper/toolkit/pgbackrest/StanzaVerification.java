package io.watchkeeper.toolkit.pgbackrest;

import io.watchkeeper.problem.OperatorException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a whole stanza again and says what is wrong with it: {@code pgbackrest verify}, and beyond what that does, whether the segments are
 * there without which a backup cannot be restored or recovery would stop early. A missing segment is no error to it.
 */
public final class StanzaVerification {

    static final String DAMAGED_PAGES = "the server's pages had wrong checksums when it was made";

    private static final int MOST_NAMED = 10;

    private final PgBackRest program;

    public StanzaVerification(PgBackRest program) {
        this.program = program;
    }

    /**
     * What was found.
     *
     * @param backups those that were looked at, oldest first
     * @param damaged what is wrong with those that are not whole, by label
     * @param gaps what is wrong with the archive: damaged segments, and stretches that are missing
     * @param files of backups that were read again
     * @param segments of the archive that were read again
     */
    public record Findings(
            List<StanzaBackup> backups,
            Map<String, List<String>> damaged,
            List<String> gaps,
            long files,
            int segments) {

        public boolean isWhole() {
            return damaged.isEmpty() && gaps.isEmpty();
        }
    }

    /** @throws OperatorException when it cannot be verified, which is no finding about any backup */
    public Findings verify() {
        program.version().require(PgBackRestVersion.REPORTS_DAMAGE, "verifyBackups");
        StanzaInfo info = program.requireInfo();
        Map<String, List<String>> damaged = new LinkedHashMap<>();
        List<String> archive = new ArrayList<>();
        long files = 0;
        int segments = 0;
        for (StanzaInfo.Repo repo : info.repos()) {
            List<StanzaBackup> here =
                    info.backups().stream().filter(b -> b.repo() == repo.key()).toList();
            VerifyReport report = report(info, repo.key());
            for (StanzaBackup backup : here) {
                List<String> problems = problems(backup, report);
                if (!problems.isEmpty()) {
                    damaged.computeIfAbsent(backup.label(), label -> new ArrayList<>())
                            .addAll(problems);
                }
            }
            archive.addAll(damagedSegments(report));
            for (StanzaInfo.Archive one : info.archives()) {
                if (one.repo() == repo.key()) {
                    segments(info, one, here, damaged, archive);
                }
            }
            files += report.backups().values().stream()
                    .mapToLong(VerifyReport.Checked::files)
                    .sum();
            segments += (int) report.archives().values().stream()
                    .mapToLong(VerifyReport.Checked::files)
                    .sum();
        }
        return new Findings(info.backups(), damaged, archive, files, segments);
    }

    private VerifyReport report(StanzaInfo info, int repo) {
        List<String> options = new ArrayList<>(List.of("--output=text", "--verbose"));
        if (info.repos().size() > 1) {
            options.add("--repo=" + repo);
        }
        PgBackRest.Outcome outcome = program.attempt("verify", options, line -> {});
        VerifyReport report = VerifyReport.parse(outcome.output(), outcome.log());
        if (outcome.exit() != 0
                && report.backups().isEmpty()
                && report.archives().isEmpty()) {
            throw program.failure("verify", outcome);
        }
        if (!report.ok() && report.backups().isEmpty() && report.damaged().isEmpty()) {
            throw new OperatorException(
                    "pgbackrest verify could not read stanza '" + program.stanza() + "': "
                            + String.join("; ", report.other()),
                    "pgbackrest " + program.stanza().options()
                            + " verify --output=text --log-level-console=detail says more.");
        }
        return report;
    }

    private static List<String> problems(StanzaBackup backup, VerifyReport report) {
        List<String> problems = new ArrayList<>();
        VerifyReport.Checked checked = report.backups().get(backup.label());
        if (checked == null) {
            problems.add("pgbackrest verify did not look at it");
        } else if (!checked.sound()) {
            List<String> named = new ArrayList<>(report.damagedFilesOf(backup.label()));
            backup.references().forEach(label -> named.addAll(report.damagedFilesOf(label)));
            problems.addAll(named.subList(0, Math.min(named.size(), MOST_NAMED)));
            problems.add(
                    (checked.files() - checked.valid()) + " of " + checked.files() + " files are damaged or missing");
        }
        if (backup.damagedPages()) {
            problems.add(DAMAGED_PAGES);
        }
        return problems;
    }

    private static List<String> damagedSegments(VerifyReport report) {
        List<String> named = new ArrayList<>();
        report.archives().forEach((id, checked) -> {
            if (!checked.sound()) {
                named.addAll(report.damagedFilesOf(id));
                named.add("archive " + id + ": " + (checked.files() - checked.valid()) + " of " + checked.files()
                        + " segments are damaged");
            }
        });
        return named;
    }

    private void segments(
            StanzaInfo info,
            StanzaInfo.Archive archive,
            List<StanzaBackup> here,
            Map<String, List<String>> damaged,
            List<String> gaps) {
        List<StanzaBackup> ofArchive = here.stream()
                .filter(b -> b.databaseId() == archive.databaseId())
                .toList();
        SegmentList segments = segments(program, info, archive, info.segmentSize());
        for (StanzaBackup backup : ofArchive) {
            segments.missing(backup)
                    .forEach(gap -> damaged.computeIfAbsent(backup.label(), label -> new ArrayList<>())
                            .add("it needs segment " + gap + ", which the archive does not have"));
        }
        segments.gaps(ofArchive).forEach(gap -> gaps.add("archive " + archive.id() + " lacks segment " + gap));
    }

    /** The names of an archive's segments, from whatever store it is in. */
    static SegmentList segments(PgBackRest program, StanzaInfo info, StanzaInfo.Archive archive, long segmentSize) {
        List<String> options = new ArrayList<>(List.of("--recurse"));
        if (info.repos().size() > 1) {
            options.add("--repo=" + archive.repo());
        }
        String names = program.listing("archive/" + program.stanza() + "/" + archive.id(), options);
        return SegmentList.of(List.of(names.split("\n")), segmentSize);
    }
}
