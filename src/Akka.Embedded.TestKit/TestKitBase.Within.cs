// Time limits around a block: every expectation inside shares what is left.

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>The time left of the innermost Within; throws outside of one.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (_end is null) throw new InvalidOperationException(@"Remaining may not be called outside of ""within""");
            var left = _end.Value - Now;
            return left < TimeSpan.Zero ? TimeSpan.Zero : left;
        }
    }

    /// <summary>The time left of the innermost Within, or <c>akka.test.single-expect-default</c>.</summary>
    public TimeSpan RemainingOrDefault => RemainingOr(Dilated(TestKitSettings.SingleExpectDefault));

    protected TimeSpan RemainingOr(TimeSpan duration) => _end is null ? duration : Remaining;

    public TimeSpan RemainingOrDilated(TimeSpan? duration)
    {
        if (duration is not { } given) return RemainingOrDefault;
        if (given == Timeout.InfiniteTimeSpan) throw new ArgumentException("max duration cannot be infinite", nameof(duration));
        return Dilated(given);
    }

    public void Within(TimeSpan max, Action action, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, action, null, epsilonValue, cancellationToken);

    public void Within(
        TimeSpan min, TimeSpan max, Action action, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within<object>(
            min,
            max,
            () =>
            {
                action();
                return null;
            },
            hint,
            epsilonValue,
            cancellationToken);

    public T Within<T>(TimeSpan max, Func<T> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    /// <summary>Runs the block and fails when it took less than min, or more than max and did not end by waiting for nothing to come.</summary>
    public T Within<T>(
        TimeSpan min, TimeSpan max, Func<T> function, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default)
    {
        var (start, outer, limit) = Enter(min, max);
        T result;
        try
        {
            result = function();
        }
        finally
        {
            _end = outer;
        }

        Leave(start, min, limit, hint, epsilonValue);
        return result;
    }

    public Task WithinAsync(TimeSpan max, Func<Task> actionAsync, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        WithinAsync(TimeSpan.Zero, max, actionAsync, null, epsilonValue, cancellationToken);

    public async Task WithinAsync(
        TimeSpan min, TimeSpan max, Func<Task> actionAsync, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default)
    {
        var (start, outer, limit) = Enter(min, max);
        try
        {
            await actionAsync();
        }
        finally
        {
            _end = outer;
        }

        Leave(start, min, limit, hint, epsilonValue);
    }

    private (TimeSpan Start, TimeSpan? Outer, TimeSpan Limit) Enter(TimeSpan min, TimeSpan max)
    {
        var dilated = Dilated(max);
        var start = Now;
        var left = _end is { } outerEnd ? outerEnd - start : TimeSpan.MaxValue;
        _assertions.AssertTrue(left >= min, "Required min time {0} not possible, only {1} left.", min, left);
        _lastWasNoMsg = false;
        var limit = Min(left, dilated);
        var outer = _end;
        _end = start + limit;
        return (start, outer, limit);
    }

    private void Leave(TimeSpan start, TimeSpan min, TimeSpan limit, string hint, TimeSpan? epsilon)
    {
        var took = Now - start;
        _assertions.AssertTrue(took >= min, "Failed: Block took {0}, should have at least been {1} {2}", took, min, hint ?? "");
        if (_lastWasNoMsg) return;
        _assertions.AssertTrue(
            took <= limit + (epsilon ?? TimeSpan.Zero), "Failed: Block took {0}, exceeding {1} {2}", took, limit, hint ?? "");
    }
}
