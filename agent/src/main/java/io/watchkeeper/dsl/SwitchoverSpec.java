package io.watchkeeper.dsl;

import io.watchkeeper.problem.OperatorException;
import io.watchkeeper.toolkit.failover.SwitchoverPlan;
import io.watchkeeper.units.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code switchover('shore') { … }} */
@Block(
        name = "switchover",
        value = "Which standby becomes the primary, and who has said so.",
        needs = {"to"},
        words = {
            "to",
            "confirm",
            "maxLag",
            "within",
            "service",
            "address",
            "repoint",
            "dropLogicalSlots",
            "rewind",
            "back"
        })
public final class SwitchoverSpec {

    private final TextChecks texts;
    private final List<String> repoint = new ArrayList<>();
    private @Nullable String to;
    private @Nullable String confirm;
    private @Nullable String service;
    private @Nullable String address;
    private Bytes maxLag = SwitchoverPlan.MAX_LAG;
    private Duration within = SwitchoverPlan.WITHIN;
    private boolean dropLogicalSlots;
    private boolean rewind;
    private boolean back;

    SwitchoverSpec(TextChecks texts) {
        this.texts = texts;
    }

    @Word(value = "The standby that becomes the primary.", example = "to 'ship'")
    public void to(@Checked(TextKind.DATABASE) String standby) {
        to = texts.require(TextKind.DATABASE, standby);
    }

    @Word(
            value =
                    "A person's word, both names with an arrow between. Without it everything is checked and nothing is done.",
            example = "confirm 'shore→ship'",
            byDefault = "not confirmed")
    public void confirm(String word) {
        confirm = word;
    }

    @Word(
            value = "How far the standby may be behind when it begins; before it is promoted it has everything.",
            example = "maxLag 64.megabytes",
            byDefault = "16.megabytes")
    public void maxLag(Bytes limit) {
        maxLag = limit;
    }

    @Word(
            value =
                    "How long each wait may take: for the shutdown, for the standby to get everything, for its promotion, for the old"
                            + " primary's return.",
            example = "within 2.minutes",
            byDefault = "60.seconds")
    public void within(Duration limit) {
        if (limit.toSeconds() < 1) {
            throw new OperatorException("'within' leaves no time", "give a time, as 60.seconds.");
        }
        within = limit;
    }

    @Word(
            value = "The old primary's unit of systemd, which stops and starts it.",
            example = "service 'postgresql@15-main'",
            byDefault = "pg_ctl does")
    public void service(@Checked(TextKind.NAME) String unit) {
        service = texts.require(TextKind.NAME, unit);
    }

    @Word(
            value = "Where the old primary and the other standbys find the new one.",
            example = "address '10.9.0.3:5432'",
            byDefault = "the address in the configuration")
    public void address(@Checked(TextKind.NAME) String hostAndPort) {
        address = texts.require(TextKind.NAME, hostAndPort);
    }

    @Word(
            value = "Other standbys, by the names of their databases, that are to follow the new primary.",
            example = "repoint 'ship'",
            byDefault = "none")
    public void repoint(@Checked(TextKind.DATABASE) String... standbys) {
        for (String standby : standbys) {
            repoint.add(texts.require(TextKind.DATABASE, standby));
        }
    }

    @Word(
            value = "Whether logical slots may be lost that the standby does not have.",
            example = "dropLogicalSlots true",
            byDefault = "false")
    public void dropLogicalSlots(boolean yes) {
        dropLogicalSlots = yes;
    }

    @Word(
            value =
                    "Whether pg_rewind may throw away what the old primary has written by itself, when somebody has started it beside the"
                            + " new one.",
            example = "rewind true",
            byDefault = "false")
    public void rewind(boolean yes) {
        rewind = yes;
    }

    @Word(
            value =
                    "Whether a switchover that is under way is taken back instead, which is possible until the promotion.",
            example = "back true",
            byDefault = "false")
    public void back(boolean yes) {
        back = yes;
    }

    boolean takesBack() {
        return back;
    }

    SwitchoverPlan plan(String from) {
        if (to == null) {
            throw new OperatorException(
                    "'switchover' needs 'to'", "switchover('shore') { to 'ship'; confirm 'shore→ship' }");
        }
        return new SwitchoverPlan(
                from, to, confirm, maxLag, within, service, address, repoint, dropLogicalSlots, rewind);
    }
}
