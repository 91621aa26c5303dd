package io.watchkeeper.http.page;

/** The button beside a picture that opens it larger, with exact figures: the script's work, so without one there is none. */
final class CloserLook {

    private CloserLook() {}

    /** Of how far replicas are behind, which the script asks the server for. */
    static Html at(String title, Words words) {
        return Html.of(
                " <button type=\"button\" class=\"js quiet closer\" data-act=\"chart\" data-title=\"{}\">{}</button>",
                title,
                words.say("chart.open"));
    }

    /** @param samples what is drawn, as JSON */
    static Html at(String title, String samples, Words words) {
        return Html.of(
                " <button type=\"button\" class=\"js quiet closer\" data-act=\"chart\" data-title=\"{}\" data-samples=\"{}\">{}</button>",
                title,
                samples,
                words.say("chart.open"));
    }
}
