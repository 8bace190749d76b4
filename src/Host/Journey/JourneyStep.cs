// One step of the journey through the source: a tagged comment, and where it stands.

namespace Lguest.Host.Journey;

/// <summary>A comment that begins with <c>//J:Chapter:NNN Title</c>.</summary>
/// <param name="Chapter">The chapter as spelled in the tag.</param>
/// <param name="Number">Its place in the chapter.</param>
/// <param name="Title">What follows the number; may be empty.</param>
/// <param name="File">The source file, relative to the root of the tree, with forward slashes.</param>
/// <param name="Line">The tag's line in the file, counted from 1.</param>
/// <param name="Text">The comment's lines below the tag, without their slashes.</param>
internal sealed record JourneyStep(string Chapter, int Number, string Title, string File, int Line, IReadOnlyList<string> Text);
