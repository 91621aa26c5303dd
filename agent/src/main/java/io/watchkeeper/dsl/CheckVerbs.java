package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.review.Review;
import io.watchkeeper.toolkit.check.Asked;
import io.watchkeeper.toolkit.check.Check;
import io.watchkeeper.toolkit.check.Look;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The checks of a server: {@code connections}, {@code lockWaits} and their like. They read only, so a dry run does them too. */
record CheckVerbs(Action action) {

    Review look(String database, LookSpec spec, @Nullable Closure<?> block) throws SQLException {
        if (block != null) {
            Closures.run(block, spec);
        }
        List<Session> asked = new ArrayList<>();
        Map<String, String> unreachable = new LinkedHashMap<>();
        try (Session session = open(database)) {
            for (String name : spec.alsoAsked()) {
                try {
                    asked.add(open(name));
                } catch (SQLException | OperatorException e) {
                    // The check says what it cannot tell without it.
                    unreachable.put(name, String.valueOf(e.getMessage()));
                }
            }
            Check check = spec.check(new Asked(asked, unreachable));
            Look look = new Look(session, action.toolbox().clock().instant(), action.measurements());
            return new ReviewVerbs(action).told(check.verb(), check.review(look), spec.isReportOnly());
        } finally {
            for (Session one : asked) {
                one.close();
            }
        }
    }

    private Session open(String database) throws SQLException {
        return action.database(database).open(action.context().work());
    }
}
