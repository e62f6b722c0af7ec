package io.slipway.api.page;

import io.slipway.api.ServiceAddress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Makes pages of what was looked up for a {@link PageRequest}. Called while the request is served. Thread-safe. */
@Component
public final class Pages {
    private final ServiceAddress address;

    Pages(ServiceAddress address) {
        this.address = address;
    }

    /**
     * One page.
     *
     * @param next the address of the next page, or null on the last one
     */
    public record Page<T>(List<T> items, @Nullable String next) {
        /** The answer that has {@code body}, which shows this page, and the next page's address in the header {@code Link}. */
        public <B> ResponseEntity<B> answer(B body) {
            ResponseEntity.BodyBuilder response = ResponseEntity.ok();
            if (next != null) {
                response.header(HttpHeaders.LINK, "<" + next + ">; rel=\"next\"");
            }
            return response.body(body);
        }
    }

    /**
     * The page of a request.
     *
     * @param found {@link PageRequest#lookup} of what comes behind {@link PageRequest#after}, or fewer if there are no more
     * @param key by what the list is sorted
     */
    public <T> Page<T> page(PageRequest request, List<T> found, Function<T, String> key) {
        if (found.size() <= request.size()) {
            return new Page<>(found, null);
        }
        List<T> items = found.subList(0, request.size());
        ServletUriComponentsBuilder here = ServletUriComponentsBuilder.fromCurrentRequest();
        here.replaceQueryParam("cursor", PageRequest.cursor(key.apply(items.getLast())));
        String path = here.build().getPath();
        return new Page<>(items, address.url() + path + "?" + here.build().getQuery());
    }
}
