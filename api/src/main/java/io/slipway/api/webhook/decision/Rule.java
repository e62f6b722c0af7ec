package io.slipway.api.webhook.decision;

import java.util.Locale;

/** What can say that an event is not to be built: a closed set, in the order in which they are asked. */
public enum Rule {
    /** The trigger is switched off. */
    ENABLED,
    /** The trigger waits for other events. */
    EVENT,
    /** The event is another repository's. */
    REPOSITORY,
    /** The branch or tag is gone. */
    DELETION,
    /** The commits are another repository's, and the trigger builds no such pull requests, or can't get at them. */
    FORK,
    /** The trigger is for other branches. */
    BRANCH,
    /** The trigger is for other tags. */
    TAG,
    /** Nothing has changed that the trigger is for. */
    PATH,
    /** The commit's message says that it is not to be built. */
    SKIP_MARK,
    /** The host has told a part of the commit's id only, and the branch has moved on. */
    COMMIT,
    /** The same body came before, and the branch or tag is elsewhere, or was built last at this commit: somebody may be sending it again. */
    REPLAY,
    /** The trigger's builds are not done again when a base moves. */
    REBUILD_ON_BASE,
    /** There is a newer build of the branch or tag. */
    NEWER,
    /** The image is among what its base was built again for. */
    LOOP;

    /** The name in the API. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
