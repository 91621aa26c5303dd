package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.protection.Protection;
import io.watchkeeper.review.Review;
import io.watchkeeper.toolkit.backup.RepositoryState;
import io.watchkeeper.toolkit.settings.SettingsReview;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** {@code settingsReview}. */
record SettingsVerbs(Action action) {

    /** Reads only, so a dry run does it too. */
    Review settings(String database, @Nullable Closure<?> block) throws SQLException {
        SettingsReviewSpec spec = new SettingsReviewSpec();
        if (block != null) {
            Closures.run(block, spec);
        }
        Database where = action.database(database);
        boolean logIsReceived = protection().archive(database).isPresent();
        Review review = new SettingsReview(where, action.context().work()).review(spec.plan(logIsReceived));
        return new ReviewVerbs(action).told("settingsReview", review, spec.isReportOnly());
    }

    /** What this host's repository has. */
    private Protection protection() {
        Toolbox toolbox = action.toolbox();
        return new RepositoryState(toolbox.backups(), toolbox.receivers()::state).get();
    }
}
