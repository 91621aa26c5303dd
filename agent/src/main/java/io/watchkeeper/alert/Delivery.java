package io.watchkeeper.alert;

import java.util.List;
import java.util.Map;

/**
 * What became of raising an alert.
 *
 * @param sent false when it was already firing and there was nobody to tell
 * @param reached the receivers that were told now
 * @param failed the receivers that could not be told, each with the reason; they are tried again
 */
public record Delivery(boolean sent, List<String> reached, Map<String, String> failed) {

    static final Delivery NOT_DUE = new Delivery(false, List.of(), Map.of());

    public Delivery {
        reached = List.copyOf(reached);
        failed = Map.copyOf(failed);
    }
}
