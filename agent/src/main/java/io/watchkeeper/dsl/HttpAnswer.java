package io.watchkeeper.dsl;

/** What {@code http.get} got. */
public final class HttpAnswer {

    private final int status;
    private final String body;

    HttpAnswer(int status, String body) {
        this.status = status;
        this.body = body;
    }

    @Word(value = "The HTTP status; 0 in a dry run.", example = "answer.status() == 200")
    public int status() {
        return status;
    }

    @Word(value = "The HTTP status; 0 in a dry run.", example = "answer.status == 200")
    public int getStatus() {
        return status;
    }

    @Word(value = "The answer's text, at most 1 MB of it.", example = "answer.body().contains('ok')")
    public String body() {
        return body;
    }

    @Word(value = "The answer's text, at most 1 MB of it.", example = "answer.body.contains('ok')")
    public String getBody() {
        return body;
    }
}
