package io.watchkeeper;

import io.watchkeeper.doctor.Finding;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.review.Review;
import io.watchkeeper.review.ReviewFinding;
import io.watchkeeper.review.ReviewStatus;
import io.watchkeeper.toolkit.settings.SettingsPlan;
import io.watchkeeper.toolkit.settings.SettingsReview;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** What the doctor says of a server's settings: those that put data or service at risk one by one, and how many there are besides. */
final class SettingsFindings {

    private static final Set<String> OWN_LINE = Set.of(
            "archiveMode",
            "autovacuum",
            "checkpointTimeout",
            "dataChecksums",
            "idleInTransaction",
            "logLockWaits",
            "maxWalSize",
            "pendingRestart",
            "synchronousCommit",
            "walLevel");

    private final Supplier<Protection> protection;

    /** @param protection what this host's repository has, its archives among it */
    SettingsFindings(Supplier<Protection> protection) {
        this.protection = protection;
    }

    /** Nothing of a server that cannot be reached: that is said already. */
    List<Finding> of(Database database) throws SQLException {
        String subject = database.name();
        SettingsPlan plan = new SettingsPlan(null, isArchived(subject), Set.of("unreadable"));
        Review review;
        try {
            review = new SettingsReview(database, Work.unattended("watchkeeper doctor")).settings(plan);
        } catch (OperatorException e) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        int others = 0;
        for (ReviewFinding one : review.findings()) {
            String hint = one.remedy().isEmpty() ? null : one.remedy();
            if (one.status() == ReviewStatus.FAIL) {
                findings.add(new Finding(Finding.Level.RED, subject, one.message(), hint));
            } else if (one.status() == ReviewStatus.WARN && OWN_LINE.contains(one.code())) {
                findings.add(new Finding(Finding.Level.AMBER, subject, one.message(), hint));
            } else if (one.status() == ReviewStatus.WARN) {
                others++;
            }
        }
        if (others > 0) {
            findings.add(new Finding(
                    Finding.Level.GREEN,
                    subject,
                    others + (findings.isEmpty() ? "" : " other") + " settings could be better",
                    "watchkeeper run settings-review says which, and what to write."));
        } else if (findings.isEmpty()) {
            findings.add(new Finding(Finding.Level.GREEN, subject, "settings as recommended", null));
        }
        return findings;
    }

    /** What cannot be read archives nothing; why it cannot is a finding of the backups' own check. */
    private boolean isArchived(String database) {
        try {
            return protection.get().archive(database).isPresent();
        } catch (OperatorException e) {
            return false;
        }
    }
}
