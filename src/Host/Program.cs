// The program behind ./lguest. It is only a table of contents: each verb of the command line is a file of its own under Commands/.

return 0;
