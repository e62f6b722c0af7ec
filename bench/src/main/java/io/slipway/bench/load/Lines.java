package io.slipway.bench.load;

import java.util.concurrent.Flow;
import java.util.function.Consumer;

/** Hands on each line of an answer as it comes. */
final class Lines implements Flow.Subscriber<String> {
    private final Consumer<String> heard;

    Lines(Consumer<String> heard) {
        this.heard = heard;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(String line) {
        heard.accept(line);
    }

    /** Whoever waits for the answer is told, too. */
    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {}
}
