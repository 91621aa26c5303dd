package io.watchkeeper.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sends malformed requests to an agent on this host and notes how it takes them. The same seed sends the same requests. */
public final class RequestFuzzer {

    /**
     * What came of it.
     *
     * @param statuses how often each was answered; 0 for a connection closed without an answer
     * @param offences what should not have happened: 5xx, names of classes, no end of the answer; at most the first few
     */
    public record Tally(Map<Integer, Integer> statuses, List<String> offences) {}

    private static final int MOST_OFFENCES = 20;
    private static final int ANSWER_TIMEOUT_MS = 10_000;
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] (\\d{3})");
    private static final Pattern NAMES = Pattern.compile(
            "jetty|javalin|jackson|jakarta|\\bjavax?\\.|groovy|exception|stackoverflow|streamread|sqlite|org\\.|io\\.watchkeeper",
            Pattern.CASE_INSENSITIVE);

    private final InetSocketAddress agent;
    private final InetAddress from;
    private final MalformedRequest requests;
    private final Map<Integer, Integer> statuses = new TreeMap<>();
    private final List<String> offences = new ArrayList<>();

    /** @param token a right one, so that requests get as far as their bodies. @param runbook one that is loaded */
    public RequestFuzzer(int port, String token, String runbook, long seed) {
        this.agent = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.requests = new MalformedRequest(new Random(seed), token, runbook, port);
        // An address of its own: what wrong tokens do to it concerns nobody else.
        this.from = address((int) (seed % 200) + 10);
    }

    public Tally send(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            byte[] request = requests.next();
            String answer = exchange(request);
            note(request, answer);
        }
        return new Tally(Map.copyOf(statuses), List.copyOf(offences));
    }

    private String exchange(byte[] request) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(from, 0));
            socket.setSoTimeout(ANSWER_TIMEOUT_MS);
            // Closed at once and wholly: else so many connections would use up the host's ports.
            socket.setSoLinger(true, 0);
            socket.connect(agent, ANSWER_TIMEOUT_MS);
            try {
                socket.getOutputStream().write(request);
                socket.shutdownOutput();
            } catch (IOException e) {
                // Answered and closed before it had everything, as it may.
            }
            return read(socket.getInputStream());
        }
    }

    private static String read(InputStream in) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        byte[] buffer = new byte[8_192];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                answer.write(buffer, 0, n);
            }
        } catch (SocketTimeoutException e) {
            return "HTTP/1.1 999 no end\r\n" + answer.toString(StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // Reset by the agent after its answer, since it left something of the request unread.
        }
        return answer.toString(StandardCharsets.UTF_8);
    }

    private void note(byte[] request, String answer) {
        Matcher status = STATUS.matcher(answer);
        int code = status.lookingAt() ? Integer.parseInt(status.group(1)) : 0;
        statuses.merge(code, 1, Integer::sum);
        Matcher names = NAMES.matcher(answer);
        boolean tells = code >= 400 && names.find();
        if ((code >= 500 || tells) && offences.size() < MOST_OFFENCES) {
            offences.add("request <" + shortened(new String(request, StandardCharsets.ISO_8859_1)) + "> answer <"
                    + shortened(answer) + ">");
        }
    }

    private static String shortened(String text) {
        String shown = text.replace("\r", "\\r").replace("\n", "\\n").replaceAll("\\p{Cntrl}", "?");
        return shown.length() <= 1_500 ? shown : shown.substring(0, 1_500) + "…";
    }

    private static InetAddress address(int last) {
        try {
            return InetAddress.getByAddress(new byte[] {127, 0, 1, (byte) last});
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }
}
