package io.watchkeeper.checklist;

import java.util.Locale;

/** How an item of a checklist, or something that it looked at, came out; better ones first. */
public enum ItemState {
    OK("✔"),
    /** The run ended before the item was reached. */
    LEFT_OUT("–"),
    WARN("▲"),
    FAIL("✖");

    private final String shape;

    ItemState(String shape) {
        this.shape = shape;
    }

    /** A sign that differs in shape from those of the others, not in colour alone. */
    public String shape() {
        return shape;
    }

    /** As documents spell it: {@code ok}, {@code leftOut}, {@code warn}, {@code fail}. */
    public String wireName() {
        return this == LEFT_OUT ? "leftOut" : name().toLowerCase(Locale.ROOT);
    }

    ItemState worse(ItemState other) {
        return compareTo(other) >= 0 ? this : other;
    }

    static ItemState of(String status) {
        return switch (status) {
            case "warn" -> WARN;
            case "fail", "alert" -> FAIL;
            default -> OK;
        };
    }
}
