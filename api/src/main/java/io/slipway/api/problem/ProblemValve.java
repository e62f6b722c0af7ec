package io.slipway.api.problem;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/** What Tomcat says of errors that no servlet has answered: a problem document. Made by Tomcat. */
public final class ProblemValve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable thrown) {
        int status = response.getStatus();
        if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        ContainerProblem problem = ContainerProblem.of(status);
        String json = "{\"type\":\"/problems/" + problem.type().slug() + "\",\"title\":\""
                + problem.type().title() + "\",\"status\":" + status + ",\"detail\":\"" + problem.detail() + "\"}";
        try {
            response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
            response.finishResponse();
        } catch (IOException | IllegalStateException e) {
            // Whoever asked is gone, or an answer is on its way already.
        }
    }
}
