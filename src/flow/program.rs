//! A script as statements over its tokens: the common ground of Python and JavaScript.

use std::collections::HashMap;
use std::rc::Rc;

use super::token::{Kind, Tokens};
use super::{Cut, Import, javascript, python};
use crate::syntax::zone::Language;

/// A half-open range of tokens.
pub(super) type Span = (usize, usize);

/// A statement.
#[derive(Debug)]
pub(super) enum Stmt {
    /// Values get names. `add` keeps what was there; `declares` makes names of the scope at hand.
    Assign { targets: Vec<Span>, value: Span, add: bool, declares: bool },
    /// A name for every element of a value.
    Each { target: Span, value: Span },
    /// An expression for its own sake.
    Eval(Span),
    /// The value of the function at hand.
    Return(Span),
    /// A function is defined; with it the expressions that decorate it.
    Function(usize, Vec<Span>),
    /// A class is defined.
    Class(usize),
    /// A block that may run or not. `silent` says that its errors are swallowed.
    Nested { silent: bool, body: Vec<Stmt> },
    /// A name for a module or a part of one.
    Import { name: Rc<str>, path: Rc<str> },
    /// Names of an outer scope.
    Outer(Vec<Rc<str>>),
}

impl Stmt {
    /// Whether it has statements inside of it.
    pub(super) const fn is_block(&self) -> bool {
        matches!(self, Self::Nested { .. } | Self::Function(..) | Self::Class(_))
    }
}

/// A parameter.
#[derive(Debug)]
pub(super) struct Param {
    pub target: Span,
    pub default: Option<Span>,
    /// Takes all that is left: `*args`, `...rest`.
    pub rest: bool,
    /// Takes named arguments that nobody else takes.
    pub keywords: bool,
}

/// A function of the script.
#[derive(Debug)]
pub(super) struct Function {
    pub name: Rc<str>,
    pub params: Vec<Param>,
    pub body: Vec<Stmt>,
    /// The value of a function that is only an expression.
    pub expression: Option<Span>,
    pub class: Option<usize>,
}

/// A class of the script.
#[derive(Debug, Default)]
pub(super) struct Class {
    pub name: Rc<str>,
    pub methods: HashMap<Rc<str>, usize>,
    /// Statements of the class body.
    pub body: Rc<Vec<Stmt>>,
}

/// A script.
pub(super) struct Program<'a> {
    pub language: Language,
    pub tokens: Tokens<'a>,
    pub functions: Vec<Rc<Function>>,
    pub classes: Vec<Class>,
    pub imports: Vec<Import>,
    /// Statements left that will be read.
    pub budget: usize,
    /// Whether blocks were left out.
    pub too_deep: bool,
    /// Functions without a name by the token that they begin with.
    pub anonymous: HashMap<usize, usize>,
}

/// Blocks nested deeper than this are not read.
pub(super) const DEEPEST: usize = 40;

impl<'a> Program<'a> {
    /// Statements of one script that are read.
    const MOST: usize = 20_000;

    pub(super) fn new(language: Language, text: &'a str) -> (Self, Vec<Stmt>) {
        let mut program = Self {
            language,
            tokens: Tokens::new(language, text),
            functions: Vec::new(),
            classes: Vec::new(),
            imports: Vec::new(),
            budget: Self::MOST,
            too_deep: false,
            anonymous: HashMap::new(),
        };
        let body = if language == Language::Python {
            python::parse(&mut program)
        } else {
            let all = program.tokens.all.len();
            javascript::block(&mut program, (0, all), 0)
        };
        (program, body)
    }

    /// What was not read of it, if anything.
    pub(super) fn cut(&self) -> Option<Cut> {
        let tokens = self.tokens.all.len() >= Tokens::MOST;
        let statements = self.budget == 0;
        let depth = self.too_deep.then_some(Cut::Depth);
        tokens.then_some(Cut::Tokens).or(statements.then_some(Cut::Statements)).or(depth)
    }

    pub(super) fn add_function(&mut self, function: Function) -> usize {
        if let Some(class) = function.class.and_then(|class| self.classes.get_mut(class)) {
            class.methods.insert(Rc::clone(&function.name), self.functions.len());
        }
        self.functions.push(Rc::new(function));
        self.functions.len() - 1
    }

    pub(super) fn add_import(&mut self, module: &str, span: Span, alias: Option<&str>, nested: bool) {
        let range = self.tokens.bytes(span.0, span.1);
        let alias = alias.map(str::to_owned);
        self.imports.push(Import { module: module.to_owned(), range, alias, nested });
    }

    /// The places of an operator in a span, outside of brackets.
    pub(super) fn places(&self, span: Span, operator: &str) -> Vec<usize> {
        let mut out = Vec::new();
        let mut at = span.0;
        while at < span.1 {
            if self.tokens.is(at, operator) {
                out.push(at);
            }
            at = self.tokens.next(at);
        }
        out
    }

    /// The parts of a span between commas outside of brackets; empty ones left out.
    pub(super) fn split(&self, span: Span, operator: &str) -> Vec<Span> {
        let mut from = span.0;
        let mut out = Vec::new();
        for at in self.places(span, operator).into_iter().chain([span.1]) {
            let start = self.tokens.skip_lines(from).min(at);
            let mut end = at;
            while end > start && self.tokens.kind(end - 1) == Some(Kind::Newline) {
                end -= 1;
            }
            if start < end {
                out.push((start, end));
            }
            from = at + 1;
        }
        out
    }
}
