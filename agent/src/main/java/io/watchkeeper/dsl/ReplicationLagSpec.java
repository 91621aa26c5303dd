package io.watchkeeper.dsl;

import io.watchkeeper.toolkit.replication.LagPlan;
import io.watchkeeper.toolkit.replication.NameGlob;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code replicationLag('shore') { … }} */
@Block(
        name = "replicationLag",
        value = "How far replicas may be behind, and how much slots may keep.",
        words = {
            "warnAfter",
            "alertAfter",
            "warnAfterBytes",
            "alertAfterBytes",
            "warnRetaining",
            "alertRetaining",
            "fullWithin",
            "standbys",
            "except"
        })
public final class ReplicationLagSpec {

    private @Nullable Duration warnAfter;
    private Duration alertAfter = LagPlan.ALERT_AFTER;
    private @Nullable Bytes warnAfterBytes;
    private @Nullable Bytes alertAfterBytes;
    private @Nullable Bytes warnRetaining;
    private @Nullable Bytes alertRetaining;
    private Duration fullWithin = LagPlan.FULL_WITHIN;
    private int standbys;
    private final List<NameGlob> except = new ArrayList<>();

    ReplicationLagSpec() {}

    @Word(
            value = "A replica so far behind in time is a warning.",
            example = "warnAfter 30.seconds",
            byDefault = "60.seconds, at most alertAfter")
    public void warnAfter(Duration lag) {
        warnAfter = lag;
    }

    @Word(
            value = "A replica so far behind in time, or not connected for so long, fails the run.",
            example = "alertAfter 120.seconds",
            byDefault = "300.seconds")
    public void alertAfter(Duration lag) {
        alertAfter = lag;
    }

    @Word(
            value = "A replica that has not replayed so much log is a warning.",
            example = "warnAfterBytes 256.megabytes",
            byDefault = "no limit")
    public void warnAfterBytes(Bytes lag) {
        warnAfterBytes = lag;
    }

    @Word(
            value = "A replica that has not replayed so much log fails the run.",
            example = "alertAfterBytes 1.gigabytes",
            byDefault = "no limit")
    public void alertAfterBytes(Bytes lag) {
        alertAfterBytes = lag;
    }

    @Word(
            value = "A slot that keeps so much log is a warning.",
            example = "warnRetaining 1.gigabytes",
            byDefault = "no limit")
    public void warnRetaining(Bytes log) {
        warnRetaining = log;
    }

    @Word(
            value = "A slot that keeps so much log fails the run.",
            example = "alertRetaining 10.gigabytes",
            byDefault = "no limit")
    public void alertRetaining(Bytes log) {
        alertRetaining = log;
    }

    @Word(
            value =
                    "The run fails when slots will have filled the server's disk within this time, as they grow now. Known for servers on"
                            + " this host.",
            example = "fullWithin 24.hours",
            byDefault = "6.hours")
    public void fullWithin(Duration time) {
        fullWithin = time;
    }

    @Word(value = "So many replicas must be connected.", example = "standbys 2", byDefault = "0")
    public void standbys(int atLeast) {
        standbys = atLeast;
    }

    @Word(
            value = "Replicas and slots that are not judged: names, in which `*` stands for any characters.",
            example = "except 'report_*', 'old_ship'",
            byDefault = "none")
    public void except(@Checked(TextKind.NAME) String... names) {
        for (String name : names) {
            except.add(new NameGlob(name));
        }
    }

    LagPlan plan() {
        Duration usual = LagPlan.WARN_AFTER.compareTo(alertAfter) < 0 ? LagPlan.WARN_AFTER : alertAfter;
        return new LagPlan(
                warnAfter == null ? usual : warnAfter,
                alertAfter,
                warnAfterBytes,
                alertAfterBytes,
                warnRetaining,
                alertRetaining,
                fullWithin,
                standbys,
                except);
    }
}
