package io.watchkeeper.dsl;

import groovy.lang.Closure;
import io.watchkeeper.toolkit.migrate.MigrationResult;
import io.watchkeeper.toolkit.migrate.MigrationWish;
import java.sql.SQLException;

/** {@code migrate}. */
record MigrateVerbs(Action action) {

    MigrationResult migrate(String database, Closure<?> block) throws SQLException {
        MetaTools tools = action.toolbox().meta();
        MigrateSpec spec = new MigrateSpec(action.texts(), action.folder());
        Closures.run(block, spec);
        MigrationWish wish = spec.wish(action.texts().require(TextKind.DATABASE, database), tools.migrations());
        return new MigrationSteps(action.context(), tools, action.toolbox().backups(), spec.project()).migrate(wish);
    }
}
