package io.watchkeeper.metrics;

/** The text Prometheus scrapes. */
public interface MetricsPage {

    /** @param accept the request's Accept header, or empty */
    Page render(String accept);

    record Page(String contentType, String body) {}
}
