package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.DatabasePools;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.testing.TestServers;
import io.watchkeeper.toolkit.backup.BackupSettings;
import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A Sqitch project that grows by changes, and two databases to deploy it to. */
final class MigrationRig implements AutoCloseable {

    static final Work WORK = Work.unattended("migrate test");

    final DatabasePools pools;
    final Path project;
    final List<MigrationResult.Done> told = new ArrayList<>();
    private final StringBuilder plan = new StringBuilder("%syntax-version=1.0.0\n%project=fleet\n\n");

    MigrationRig(Path project) {
        this(project, TestServers.freshFleet());
    }

    /** @param pools with databases {@code shore} and {@code ship} */
    MigrationRig(Path project, DatabasePools pools) {
        this.project = project;
        this.pools = pools;
        write("sqitch.plan", plan.toString());
    }

    Database shore() {
        return pools.database("shore");
    }

    Database ship() {
        return pools.database("ship");
    }

    /** Adds a change whose scripts are one transaction each. @param revert null for none */
    MigrationRig change(String name, String deploy, @Nullable String revert) {
        return scripts(
                name,
                "BEGIN;\n" + deploy + "\nCOMMIT;\n",
                revert == null ? null : "BEGIN;\n" + revert + "\nCOMMIT;\n",
                null);
    }

    /** Adds a change with just these scripts. */
    MigrationRig scripts(String name, String deploy, @Nullable String revert, @Nullable String verify) {
        plan.append(name)
                .append(" 2026-11-01T00:00:00Z Ann <ann@example.com> # ")
                .append(name)
                .append('\n');
        write("sqitch.plan", plan.toString());
        write("deploy/" + name + ".sql", deploy);
        if (revert != null) {
            write("revert/" + name + ".sql", revert);
        }
        if (verify != null) {
            write("verify/" + name + ".sql", verify);
        }
        return this;
    }

    MigrationRig planLine(String line) {
        plan.append(line).append('\n');
        write("sqitch.plan", plan.toString());
        return this;
    }

    void write(String file, String text) {
        try {
            Path path = project.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The agent's folder of state; copies of the project are made there while a migration runs. */
    Path state() {
        return project.resolve("state");
    }

    /** Of a host that keeps none. */
    BackupSettings backups() {
        return new BackupSettings(null, null, state(), null, "", Clock.systemUTC());
    }

    Migrator migrator() {
        return migrator(WORK);
    }

    Migrator migrator(Work work) {
        return new Migrator(project, null, List.of(), Clock.systemUTC(), work).testedBy(backups());
    }

    static MigrationWish to(String revision) {
        return MigrationWish.deploy("shore", revision, Bytes.megabytes(64));
    }

    static MigrationWish backTo(@Nullable String revision) {
        return MigrationWish.revert("shore", revision, Bytes.megabytes(64));
    }

    static MigrationWish with(MigrationWish wish, List<String> alsoOn, Duration lockTimeout, int attempts) {
        return new MigrationWish(
                wish.database(),
                alsoOn,
                wish.revision(),
                wish.revert(),
                lockTimeout,
                attempts,
                wish.maxLag(),
                wish.verify(),
                wish.revertTest());
    }

    MigrationResult run(MigrationWish wish) throws SQLException {
        return run(migrator(), wish, plan -> {});
    }

    MigrationResult run(Migrator migrator, MigrationWish wish, Consumer<MigrationPlan> permit) throws SQLException {
        List<Database> databases = new ArrayList<>(List.of(shore()));
        wish.alsoOn().forEach(name -> databases.add(pools.database(name)));
        return migrator.run(wish, databases, state(), permit, told::add);
    }

    MigrationPlan plan(MigrationWish wish) throws SQLException {
        return migrator().plan(wish, List.of(shore()));
    }

    void on(Database database, String sql) throws SQLException {
        try (Session session = database.open(WORK)) {
            session.runVerbatim(sql);
        }
    }

    List<String> names(Database database, String sql) throws SQLException {
        try (Session session = database.open(WORK)) {
            return session.list(sql, row -> row.getString(1));
        }
    }

    /** All that is in the schema public, columns and indexes too; not what Sqitch keeps for itself. */
    List<String> schema(Database database) throws SQLException {
        return names(database, """
                select x from (
                  select c.relkind::text || ' ' || c.relname || ' ' || coalesce(i.indisvalid::text, '') as x
                    from pg_class c left join pg_index i on i.indexrelid = c.oid where c.relnamespace = 'public'::regnamespace
                  union all
                  select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
                    from pg_attribute a join pg_class c on c.oid = a.attrelid
                   where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped) t order by 1""");
    }

    @Override
    public void close() {
        pools.close();
    }
}
